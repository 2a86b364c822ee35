import CTICore
import Testing

@Suite struct URLSchemeTests {
    @Test(arguments: [
        ("https://crm", "https"), ("HTTP://crm", "http"), ("JaVaScRiPt:alert(1)", "javascript"),
        (" \u{1}\u{0} javascript:x", "javascript"), ("java\tscript:x", "javascript"),
        ("java\r\nscript\n:x", "javascript"), ("\tdata\t:text/html,x", "data"), ("web+crm:1", "web+crm"),
        ("a-very-long-scheme-of-somebody:1", "a-very-long-scheme-of-somebody"),
    ])
    func isReadAsBrowsersDo(url: String, scheme: String) {
        #expect(URLScheme.of(url) == scheme)
    }

    @Test(arguments: [
        "", ":", "//host", "/path", "crm.example/x", "?q=a:b", "java\u{0}script:x", "java script:x", "1http://x",
        "\u{A0}javascript:x", "https%3A//x", "ｊavascript:x", "javascript",
    ])
    func thereIsNone(url: String) {
        #expect(URLScheme.of(url) == nil)
    }

    @Test func aLiteralSchemeIsJudgedBeforeAnyCall() throws {
        #expect(try problem("https://crm/{contact.id}") == nil)
        #expect(try problem("HTTP://crm") == nil)
        #expect(try problem("sip:{caller}") == "\"sip:\" is not allowed; expected one of http:, https:")
        #expect(try problem("sip:{caller}", ["https", "sip"]) == nil)
    }

    @Test(arguments: ["javascript", "data", "vbscript", "file", "blob"])
    func someAreNeverAllowed(scheme: String) throws {
        let problem = try problem(" \(scheme.uppercased()):x", ["https", scheme])
        #expect(problem?.contains("\"\(scheme):\" is never allowed") == true)
    }

    @Test(arguments: ["/c/{contact.id}", "//host/{caller}", "crm.example", "http{queue}://x", " "])
    func aLiteralMustHoldTheScheme(text: String) throws {
        #expect(try problem(text)?.contains("does not begin with a scheme") == true)
    }

    @Test func anEmptyAddressIsWrongAndOneThatBeginsWithAFieldIsNot() throws {
        #expect(try problem("")?.contains("empty address") == true)
        #expect(try problem("{variables.base}://x") == nil)
    }

    private func problem(_ text: String, _ allowed: Set<String> = ["http", "https"]) throws -> String? {
        try Template(parsing: text).urlProblem(allowedSchemes: allowed)
    }
}
