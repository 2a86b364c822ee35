import Testing

@testable import CTICore

@Suite struct SIPInviteTests {
    static let head = [
        "INVITE sip:1007@10.0.0.5:5060;transport=ws SIP/2.0", "Via: SIP/2.0/WSS pbx.example;branch=z9hG4bK1",
        #"From: "Jane Roe" <sip:0821234567@pbx.example>;tag=1"#, "To: <sip:1007@pbx.example>", "Call-ID: 7@pbx.example",
        "CSeq: 1 INVITE", "X-Platforma-Number: 0821234567", "X-Platforma-Dial-Number: 0117654321",
        "X-Platforma-Hold-Time: 12", "X-Platforma-Call-Ref: c-1", "X-Platforma-Contact-Ref: A-17",
        "X-Platforma-Campaign-Ref: inbound", "X-Platforma-Ref: 1007", "Content-Type: application/sdp",
        "Content-Length: 4",
    ]
    static let event =
        #"{"event":"ringing","generation":"v3","direction":"inbound","caller":"0821234567","#
        + #""dialed":"0117654321","holdSeconds":12,"callRef":"c-1","contactRef":"A-17","extension":"1007","#
        + #""campaign":null}"#

    static func message(_ lines: [String] = head, lineEnd: String = "\r\n", body: String = "v=0\n") -> [UInt8] {
        Array((lines.map { $0 + lineEnd }.joined() + lineEnd + body).utf8)
    }

    private func read(_ message: [UInt8]) -> String {
        outcome { () throws(DecodeFailure) in try SIPInvite(message: message).account().callEvent }
    }

    @Test(arguments: ["\r\n", "\n"])
    func `an INVITE rings`(_ lineEnd: String) {
        #expect(read(Self.message(lineEnd: lineEnd)) == Self.event)
    }

    @Test func `the body is not looked at, and may be missing with its empty line`() {
        #expect(read(Self.message(body: "X-Platforma-Number: 1\r\n\r\n") + [0, 0xFF]) == Self.event)
        #expect(read(Array(Self.head.joined(separator: "\n").utf8)) == Self.event)
        #expect(read(Array("\r\n\r\n".utf8) + Self.message()) == Self.event)
    }

    @Test func `headers may be folded, spaced, in any case, and repeated`() {
        var lines = Self.head.map { $0.hasPrefix("X-") ? $0.lowercased().replacing("a-17", with: "A-17") : $0 }
        lines[6] = "x-platforma-number \t:"
        lines.insert("\t 0821234567  ", at: 7)
        lines.append("X-PLATFORMA-NUMBER: 999")
        #expect(read(Self.message(lines)) == Self.event)
    }

    @Test func `folded lines are joined by a blank`() throws {
        let lines = [
            "INVITE sip:1007@pbx.example SIP/2.0", "X-Platforma-Number: 1", "X-Platforma-Call-Ref: a", "  b", "\tc",
        ]
        #expect(try SIPInvite(message: Self.message(lines)).account().call.ref.rawValue == "a b c")
    }

    @Test func `compact names are spelled out`() throws {
        let lines = [
            "INVITE sip:1007@pbx.example SIP/2.0", "v: SIP/2.0/UDP pbx.example",
            "f: <sip:0821234567@pbx.example>;tag=1",
            "t: <sip:1@pbx.example>", "i: 7", "m: <sip:2@pbx.example>", "c: application/sdp", "l: 0",
            "X-Platforma-Call-Ref: c-1",
        ]
        let invite = try SIPInvite(message: Self.message(lines))
        #expect(invite["from"] == "<sip:0821234567@pbx.example>;tag=1")
        #expect(["Via", "to", "CALL-ID", "Contact", "Content-Type", "Content-Length"].allSatisfy { invite[$0] != nil })
        #expect(try invite.account().call.caller == "0821234567")
    }

    @Test(arguments: [
        ("", "wrong-type"), ("\r\n\r\n", "wrong-type"), ("SIP/2.0 200 OK\r\n\r\n", "wrong-type"),
        ("INVITE sip:1@x\r\n\r\n", "wrong-type"), ("INVITE  sip:1@x SIP/2.0\r\n\r\n", "wrong-type"),
        ("INVITE sip:1@x HTTP/1.1\r\n\r\n", "wrong-type"), ("{\"a\":1}", "wrong-type"),
        ("BYE sip:1@x SIP/2.0\r\n\r\n", "unknown-type"), ("invite sip:1@x SIP/2.0\r\n\r\n", "unknown-type"),
        ("INVITE sip:1@x SIP/2.0\r\nFrom\r\n\r\n", "wrong-type"), ("INVITE sip:1@x SIP/2.0\r\n: x\r\n", "wrong-type"),
        ("INVITE sip:1@x SIP/2.0\r\n folded: x\r\n", "wrong-type"),
        ("INVITE sip:1@x SIP/2.0\r\nA: b\rC: d\r\n", "wrong-type"),
        ("INVITE sip:1@x SIP/2.0\r\nA: \u{0}\r\n", "wrong-type"),
        ("INVITE sip:1@x SIP/2.0\r\nA b: c\r\n", "wrong-type"),
        ("INVITE sip:1@x SIP/2.0\r\nX-Platforma-Number: 1\r\n", "missing-field"),
    ])
    func `what is no INVITE is refused`(_ text: String, code: String) {
        #expect(read(Array(text.utf8)) == code)
    }

    @Test func `size and encoding are checked first`() {
        #expect(read([UInt8](repeating: 0x41, count: SIPInvite.limit + 1)) == "too-large")
        #expect(read(Array("INVITE sip:".utf8) + [0xFF] + Array("@x SIP/2.0\n".utf8)) == "not-utf8")
        let filler = String(repeating: "x", count: SIPInvite.limit - Self.message().count)
        #expect(read(Self.message(body: "v=0\n" + filler)) == Self.event)
    }

    @Test func `nothing that was changed in an INVITE traps`() {
        var read = 0
        for seed in 0..<4000 as Range<UInt64> {
            let bytes = SampleMutation.mutated(Self.message(), seed: seed)
            guard let account = try? SIPInvite(message: bytes).account() else { continue }
            #expect(account.event == .ringing && !account.call.ref.rawValue.isEmpty)
            #expect(!account.agent.extension.rawValue.isEmpty)
            read += 1
        }
        #expect(read > 0)
    }
}
