import Testing

@testable import CTICore

@Suite struct SIPAddressTests {
    @Test(arguments: [
        ("<sip:0821234567@pbx.example>", "0821234567"), ("sip:0821234567@pbx.example;tag=7", "0821234567"),
        (#""Jane Roe" <sip:0821234567@pbx.example;user=phone>;tag=7"#, "0821234567"),
        (#""a \"<sip:1@x>\" b" <sip:0821234567@pbx.example>"#, "0821234567"),
        (#"Jane Roe <sips:0821234567@pbx.example:5061?subject=x>"#, "0821234567"),
        ("<SIP:0821234567:secret@pbx.example>", "0821234567"), ("<sip:0821234567;isub=1@pbx.example>", "0821234567"),
        ("<tel:+27-82-123-4567;phone-context=example.com>", "+27821234567"), ("TEL:0821234567", "0821234567"),
        ("<sip:%2B27821234567@pbx.example>", "+27821234567"), ("<sip:j%C3%BCrg@pbx.example>", "jürg"),
        ("<sip:100%@pbx.example>", "100%"), ("<sip:%ff@pbx.example>", "%ff"), ("<sip:%4@pbx.example>", "%4"),
        ("0821234567", "0821234567"), ("0821234567@pbx.example:5060", "0821234567"), ("<sip:a@b", "a"),
    ])
    func `the user is found`(_ header: String, user: String) {
        #expect(SIPAddress(header: header)?.user == user)
    }

    @Test(arguments: ["<sip:pbx.example>", "sip:@pbx.example", "<tel:>", "sip:"])
    func `an address may have no user`(_ header: String) throws {
        #expect(try #require(SIPAddress(header: header)).user == nil)
    }

    @Test(arguments: ["", " ", "<>", #""unclosed"#, "mailto:jane@example.com", #""Jane""#])
    func `a text may be no address`(_ header: String) {
        #expect(SIPAddress(header: header)?.user.map { $0.contains("\"") } ?? true)
    }

    @Test func `a semicolon in a request line's user does not end the address`() {
        #expect(SIPAddress(uri: "sip:1007;phone-context=pbx@pbx.example;transport=ws")?.user == "1007")
        #expect(SIPAddress(uri: "sip:1007@PBX.example;transport=ws")?.host == "pbx.example")
    }

    @Test(arguments: [
        ("<sip:anonymous@anonymous.invalid>", true), ("Anonymous <sip:Anonymous@pbx.example>", true),
        ("<sip:k3jd8@4xk2.invalid;transport=ws>", true), ("<sip:0821234567@invalid>", true),
        ("<sip:0821234567@invalid.example>", false), ("<sip:anonymouse@pbx.example>", false),
    ])
    func `nobody is told from somebody`(_ header: String, isAnonymous: Bool) {
        #expect(SIPAddress(header: header)?.isAnonymous == isAnonymous)
    }
}
