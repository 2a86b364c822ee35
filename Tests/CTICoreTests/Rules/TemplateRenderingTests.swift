import CTICore
import Testing

@Suite struct TemplateRenderingTests {
    @Test(arguments: [
        ("caller", "0821234567"), ("callerE164", "+27821234567"), ("dialed", "0117654321"), ("queue", "Sales"),
        ("callRef", "ref-1"), ("contactRef", "A-17"), ("extension", "1007"), ("direction", "inbound"),
        ("holdSeconds", "12"), ("agent.name", "John Doe"), ("agent.peer", "SIP/john.doe"), ("contact.id", "003-7"),
        ("contact.name", "Jane Roe"), ("contact.type", "contact"), ("event", "up"), ("tenant", "acme"),
        ("campaign", "spring"),
    ])
    func everyNameGivesItsValue(name: String, value: String) throws {
        #expect(try SampleCall().rendered("<{\(name)}>") == "<\(value)>")
    }

    @Test func anAbsentValueIsEmptyOrItsFallback() throws {
        var sample = try SampleCall()
        sample.contact = nil
        #expect(try sample.rendered("[{contact.id}]") == "[]")
        #expect(try sample.rendered("[{contact.id|none}]") == "[none]")
        #expect(try sample.rendered("[{contact.id|}]") == "[]")
    }

    @Test func anEmptyValueIsAbsentForFallbacks() throws {
        var sample = try SampleCall()
        sample.call.caller = ""
        #expect(try sample.rendered("{caller|withheld}") == "withheld")
    }

    @Test func aPresentValueHidesItsFallback() throws {
        #expect(try SampleCall().rendered("{queue|none}") == "Sales")
    }

    @Test func textIsNotEncoded() throws {
        #expect(try SampleCall().rendered("{agent.name} & {callerE164}") == "John Doe & +27821234567")
    }

    @Test func inURLsValuesAndFallbacksAreEncodedAndLiteralsAreNot() throws {
        var sample = try SampleCall()
        #expect(
            try sample.renderedURL("https://crm/a b?n={agent.name}&e={callerE164}&p={agent.peer}")
                == "https://crm/a b?n=John%20Doe&e=%2B27821234567&p=SIP%2Fjohn.doe")
        sample.contact = nil
        #expect(try sample.renderedURL("https://crm/{contact.id|a/b c}") == "https://crm/a%2Fb%20c")
    }

    @Test func everyByteIsEncodedByItsClass() throws {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        var sample = try SampleCall()
        for byte in UInt8(0)...127 {
            let character = String(UnicodeScalar(byte))
            sample.call.queue = character
            let hexadecimal = (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            #expect(try sample.renderedURL("{queue}") == (unreserved.contains(byte) ? character : "%" + hexadecimal))
        }
    }

    @Test func beyondASCIIEachByteOfUTF8IsEncoded() throws {
        var sample = try SampleCall()
        sample.call.queue = "a\u{80}ü€\u{1F600}\u{10FFFF}z"
        #expect(
            try sample.renderedURL("{queue}") == "a%C2%80%C3%BC%E2%82%AC%F0%9F%98%80%F4%8F%BF%BFz")
    }

    @Test(arguments: UInt64(1)...40)
    func noValueLeavesItsPlaceInTheURL(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var sample = try SampleCall()
        for _ in 0..<50 {
            let value = random.text()
            sample.call.queue = value
            let url = try sample.renderedURL("https://h/{queue}#{queue|x}")
            let pieces = url.dropFirst("https://h/".count).split(separator: "#", omittingEmptySubsequences: false)
            #expect(pieces.count == 2)
            let piece = try #require(pieces.first)
            #expect(piece.utf8.allSatisfy { Self.mayStand($0) })
            #expect(Self.decoded(piece) == Array(value.utf8))
        }
    }

    private static func mayStand(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "%": true
        default: false
        }
    }

    private static func decoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            UInt8(digits, radix: 16).map { bytes.append($0) }
        }
        return bytes
    }
}

/// The same texts on every run: hostile punctuation, controls, letters of several lengths in UTF-8.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func text() -> String {
        let alphabet: [Character] = Array("aZ09-._~ /?#[]@!$&'()*+,;=:%\\\"<>^`{|}\u{0}\n\t\u{7F}üß€漢\u{1F600}")
        let length = Int.random(in: 1...24, using: &self)
        return String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &self)] })
    }
}
