import CTICore
import Testing

@Suite struct TeleforgeRecordTests {
    /// A record of v3 with members replaced, or with `nil` left out.
    private func record(_ changes: [String: String?] = [:]) -> [UInt8] {
        var members: [String: String?] = [
            "extension": #""1007""#, "number": #""0821234567""#, "dial_number": #""0117654321""#,
            "call_ref": #""c-1""#, "call_time": "65", "hold_time": "12", "call_dir": #""inbound""#,
            "ref": #""click-dial""#, "end_reason": #""hungup""#,
        ]
        members.merge(changes) { $1 }
        let list = members.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return Array(#"{"type":"cdr","payload":{\#(list.joined(separator: ","))}}"#.utf8)
    }

    private func account(_ changes: [String: String?] = [:]) throws -> CallAccount {
        try Dialect.teleforge.decode(record(changes))
    }

    @Test(
        arguments: [
            ("hungup", EndReason.hungUp, nil), ("callee_hungup", .calleeHungUp, .caller),
            ("agent_hungup", .agentHungUp, .agent), ("voicemail", .voicemail, nil), ("busy", .busy, nil),
            ("reject", .rejected, nil), ("timeout", .unanswered, nil), ("error", .error, nil), ("failed", .failed, nil),
            ("ANSWER", .hungUp, nil), ("BUSY", .busy, nil), ("NOANSWER", .unanswered, nil), ("CANCEL", .cancelled, nil),
            ("CONGESTION", .congestion, nil), ("CHANUNAVAIL", .unavailable, nil), ("DONTCALL", .refusedByDialler, nil),
            ("TORTURE", .refusedByDialler, nil), ("INVALIDARGS", .error, nil), ("Agent_HungUp", .agentHungUp, .agent),
        ] as [(String, EndReason, CallFacts.Party?)])
    func `every end reason is understood, and comes out as it went in`(
        _ word: String, reason: EndReason, endedBy: CallFacts.Party?
    ) throws {
        let account = try account(["end_reason": "\"\(word)\""])
        #expect(account.facts.endReason == reason)
        #expect(account.facts.endedBy == endedBy)
        #expect(try payload(of: account)["end_reason"]?.string == word)
    }

    @Test func `the callee who hung up is the outside party, whatever the direction`() throws {
        for direction in ["inbound", "outbound"] {
            let account = try account(["call_dir": "\"\(direction)\"", "end_reason": #""callee_hungup""#])
            #expect(account.facts.endedBy == .caller)
            #expect(account.call.direction.rawValue == direction)
        }
    }

    @Test(
        arguments: [
            ("65", "\"timeout\"", CallEventKind.hangup), ("\"65\"", "\"timeout\"", .hangup), ("1", nil, .hangup),
            ("0", "\"hungup\"", .abandon), ("\"0\"", "\"ANSWER\"", .abandon),
            (nil, "\"agent_hungup\"", .hangup), ("null", "\"ANSWER\"", .hangup), ("\"\"", "\"hungup\"", .hangup),
            (nil, "\"busy\"", .abandon), (nil, "\"voicemail\"", .abandon), (nil, "\"whatever\"", .abandon),
            (nil, nil, .abandon),
        ] as [(String?, String?, CallEventKind)])
    func `an answered call is hung up, another was given up`(
        _ callTime: String?, reason: String?, event: CallEventKind
    ) throws {
        #expect(try account(["call_time": callTime, "end_reason": reason]).event == event)
    }

    @Test(arguments: [nil, "null", "\"\""])
    func `without an extension nobody was up`(_ value: String?) throws {
        let account = try account(["extension": value])
        #expect(account.event == .abandon)
        #expect(account.agent == Agent(extension: Extension("")))
        #expect(account.facts.talkSeconds == 65)
    }

    @Test func `before v3 the client's number is the ref`() throws {
        let account = try account(["number": nil, "ref": "821234567"])
        #expect(account.call.caller == "821234567")
        #expect(account.call.generation == .preV3)
        #expect(account.call.campaign == nil)
    }

    @Test func `an outbound call before v3 stays one when it is written again`() throws {
        let account = try account(["number": nil, "ref": #""0821234567""#, "call_dir": #""outbound""#])
        #expect(try payload(of: account)["call_dir"]?.string == "outbound")
        #expect(account.call.direction == .outbound)
    }

    @Test func `a dialler's record names its campaign, and is outbound unless it says otherwise`() throws {
        let silent = try account(["ref": #""spring""#, "call_dir": nil])
        #expect(silent.call.campaign == "spring" && silent.call.direction == .outbound)
        #expect(try account(["ref": #""spring""#]).call.direction == .inbound)
        #expect(try account(["call_dir": nil]).call.direction == .inbound)
        #expect(try account(["ref": #""0821234567""#]).call.campaign == nil)
    }

    @Test(arguments: [("16", 16), ("\"16\"", 16), ("null", nil), ("\"\"", nil), ("\"-1\"", nil), ("1.5", nil)])
    func `an end code is a number, in quotes or not`(_ value: String, code: Int?) throws {
        let account = try account(["end_code": value])
        #expect(account.facts.endCode == code)
        #expect(try payload(of: account)["end_code"]?.integer ?? code == (value == "\"-1\"" ? -1 : code))
    }

    @Test func `nothing is made of the moment of dialling`() throws {
        let account = try account(["dialed_at": "1795255200"])
        #expect(account.call.ringingAt == nil && account.call.upAt == nil && account.call.endedAt == nil)
        #expect(try payload(of: account)["dialed_at"]?.integer == 1_795_255_200)
    }

    @Test(
        arguments: [
            ("call_ref", nil, "missing-field"), ("call_ref", "null", "missing-field"),
            ("call_ref", "\"\"", "missing-field"), ("call_ref", "true", "wrong-type"), ("number", nil, "missing-field"),
            ("number", "{}", "wrong-type"), ("hold_time", "-1", "wrong-type"), ("call_time", "1.5", "wrong-type"),
            ("call_time", "\"+5\"", "wrong-type"), ("call_dir", "\"sideways\"", "wrong-type"),
            ("call_dir", "\"\"", "wrong-type"), ("contact_ref", "[]", "wrong-type"),
            ("extension", "false", "wrong-type"),
        ] as [(String, String?, String)])
    func `what is understood but wrong is refused, by name and without its value`(
        _ name: String, value: String?, code: String
    ) throws {
        let failure = try #require(failure { try account([name: value]) })
        #expect(failure.code.rawValue == code)
        #expect(failure.message.hasPrefix("payload.\(name): "))
        #expect(!failure.message.contains("sideways") && !failure.message.contains("0821234567"))
    }

    @Test func `seconds beyond all sense overflow nothing`() throws {
        let endless = String(repeating: "9", count: 40)
        let account = try account(["call_time": endless, "hold_time": endless])
        #expect(account.totalSeconds == nil)
        #expect(account.call.holdSeconds?.digits == endless)
    }

    private func payload(of account: CallAccount) throws -> JSONObject {
        let written = try #require(Dialect.teleforge.encode(account))
        return try #require(try JSONObject(written)["payload"]).object("payload")
    }
}
