import CTICore
import Testing

@Suite struct SIPInviteAccountTests {
    private func invite(_ text: String) throws(DecodeFailure) -> SIPInvite {
        try SIPInvite(headers: JSONObject(Array(text.utf8)))
    }

    private func account(_ headers: [String: String]) throws(DecodeFailure) -> CallAccount {
        var json = JSONWriter()
        json.object { for (name, value) in headers { $0.member(name, value) } }
        return try SIPInvite(headers: JSONObject(json.bytes)).account()
    }

    @Test func `an object of headers rings`() throws {
        let text =
            #"{"X-Platforma-Number":"0821234567","X-Platforma-Dial-Number":"0117654321","#
            + #""x-platforma-hold-time":12,"X-Platforma-Call-Ref":["c-1","c-2"],"#
            + #""X-Platforma-Contact-Ref":[{"parsed":{"raw":[1]},"raw":"A-17"}],"X-Platforma-Ref":1007,"#
            + #""X-Platforma-Campaign-Ref":null,"Via":[],"Other":{"a":true}}"#
        let event = try invite(text).account().callEvent
        #expect(json { event.write(to: &$0) } == SIPInviteTests.event)
    }

    @Test(arguments: [
        #"{"X-Platforma-Number":true}"#, #"{"X-Teleforge-Ref":{}}"#, #"{"From":[[1]]}"#,
        #"{"X-Platforma-Hold-Time":1.5}"#, #"{"X-Platforma-Hold-Time":[]}"#, #"{"Request-URI":false}"#,
    ])
    func `a header that matters must be text`(_ text: String) {
        #expect(failure { try invite(text) }?.code == .wrongType)
    }

    @Test func `the newer prefix counts where both are there`() throws {
        let both = [
            "X-Platforma-Call-Ref": "old", "X-Teleforge-Call-Ref": "new", "X-Teleforge-Number": "1",
            "x-platforma-ref": "1007",
        ]
        let account = try account(both)
        #expect(account.call.ref.rawValue == "new")
        #expect(account.agent.extension.rawValue == "1007")
    }

    @Test func `the number falls back to From, the extension to the request line`() throws {
        let account = try account([
            "X-Platforma-Call-Ref": "c-1", "From": #""Jane" <sip:%2B27821234567@pbx.example>;tag=1"#,
            "Request-URI": "sip:1007@10.0.0.5;transport=ws",
        ])
        #expect(account.call.caller == "+27821234567")
        #expect(account.agent == Agent(extension: Extension("1007")))
        #expect(account.call.dialed == nil && account.call.holdSeconds == nil && account.call.contactRef == nil)
    }

    @Test(arguments: ["Anonymous <sip:anonymous@anonymous.invalid>;tag=1", "<sip:pbx.example>"])
    func `a withheld number is an empty one`(_ from: String) throws {
        let headers = ["X-Platforma-Call-Ref": "c", "X-Platforma-Ref": "7", "From": from]
        #expect(try account(headers).call.caller == "")
    }

    @Test func `an empty number is withheld whatever From says`() throws {
        let headers = [
            "X-Platforma-Call-Ref": "c", "X-Platforma-Ref": "7", "X-Platforma-Number": "", "From": "<sip:1@x>",
        ]
        #expect(try account(headers).call.caller == "")
    }

    @Test(arguments: [("inbound", nil, CallDirection.inbound), ("", nil, .inbound), ("spring", "spring", .outbound)])
    func `a campaign calls out`(_ value: String, campaign: String?, direction: CallDirection) throws {
        let call = try account([
            "X-Platforma-Call-Ref": "c", "X-Platforma-Ref": "7", "X-Platforma-Number": "1",
            "X-Teleforge-Campaign-Ref": value,
        ]).call
        #expect(call.campaign == campaign && call.direction == direction && call.generation == .v3)
    }

    @Test(arguments: [
        (["X-Platforma-Number": "1", "X-Platforma-Ref": "7"], "missing-field"),
        (["X-Platforma-Number": "1", "X-Platforma-Ref": "7", "X-Platforma-Call-Ref": ""], "missing-field"),
        (["X-Platforma-Ref": "7", "X-Platforma-Call-Ref": "c"], "missing-field"),
        (["X-Platforma-Number": "1", "X-Platforma-Call-Ref": "c"], "missing-field"),
        (
            ["X-Platforma-Number": "1", "X-Platforma-Call-Ref": "c", "Request-URI": "sip:x3k@y7.invalid"],
            "missing-field"
        ),
        (
            [
                "X-Platforma-Number": "1", "X-Platforma-Call-Ref": "c", "X-Platforma-Ref": "7",
                "X-Platforma-Hold-Time": "-1",
            ], "wrong-type"
        ),
    ])
    func `what is missing or wrong is refused`(_ headers: [String: String], code: String) {
        #expect(failure { try account(headers) }?.code.rawValue == code)
    }

    @Test(arguments: [
        (#"{"x-teleforge-call-ref":"c"}"#, true), (#"{"X-PLATFORMA-Ref":"c","a":1}"#, true),
        (#"{"Call-ID":"c","FROM":"x"}"#, true), (#"{"from":"x","to":"y"}"#, false), ("{}", false),
        (#"{"type":"call","payload":{"X-Platforma-Ref":"c"}}"#, false), (#"{"event":"up","call":{}}"#, false),
    ])
    func `an object of headers is told from an event`(_ text: String, isHeaders: Bool) throws {
        #expect(SIPInvite.isHeaders(try JSONObject(Array(text.utf8))) == isHeaders)
    }

    @Test func `what is written is read again`() throws {
        let written = try account(["X-Platforma-Call-Ref": "c", "X-Platforma-Ref": "7", "X-Platforma-Number": "1"])
        let sample = try SampleCall(event: .ringing)
        let full = CallAccount(event: .ringing, agent: sample.agent, call: sample.call)
        for original in [written, full] {
            let lines = SIPInvite.headers(of: original).map { "\($0.name): \($0.value)" }
            let again = try SIPInvite(
                message: Array((["INVITE sip:x@y SIP/2.0"] + lines).joined(separator: "\r\n").utf8))
            var expected = original.callEvent
            // A campaign means that the call goes out; the sample has one and comes in.
            if expected.campaign != nil { expected.direction = .outbound }
            #expect(try again.account().callEvent == expected)
        }
        #expect(
            SIPInvite.headers(of: full).map(\.name).joined(separator: " ")
                == "X-Platforma-Number X-Platforma-Dial-Number X-Platforma-Hold-Time X-Platforma-Call-Ref "
                + "X-Platforma-Contact-Ref X-Platforma-Campaign-Ref X-Platforma-Ref")
    }

    @Test func `no reference begins a header of its own`() throws {
        var account = try account(["X-Platforma-Call-Ref": "c", "X-Platforma-Ref": "7", "X-Platforma-Number": "1"])
        account.call.contactRef = "a\r\nX-Platforma-Ref: 8\u{85}\u{0}"
        #expect(
            SIPInvite.headers(of: account).allSatisfy { header in
                header.value.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            })
    }

    @Test func `nothing that was changed in an object of headers traps`() throws {
        let sample = Array(
            (#"{"X-Platforma-Number":"0821234567","X-Platforma-Call-Ref":["c-1"],"From":[{"raw":"<sip:1@x>"}],"#
                + #""Request-URI":"sip:1007@10.0.0.5","X-Platforma-Hold-Time":12}"#).utf8)
        var read = 0
        for seed in 0..<4000 as Range<UInt64> {
            guard let object = try? JSONObject(SampleMutation.mutated(sample, seed: seed)) else { continue }
            _ = SIPInvite.isHeaders(object)
            guard let account = try? SIPInvite(headers: object).account() else { continue }
            #expect(account.event == .ringing && !account.call.ref.rawValue.isEmpty)
            read += 1
        }
        #expect(read > 0)
    }
}
