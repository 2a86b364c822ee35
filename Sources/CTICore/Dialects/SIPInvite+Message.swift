extension SIPInvite {
    /// Reads a raw request, `message/sip`: lines end in CRLF or LF, headers may be folded, the body is not looked at.
    ///
    /// - Throws: `too-large`, `not-utf8` of the headers, `unknown-type` for another request than INVITE, `wrong-type`
    ///   for what is no SIP request.
    public init(message: [UInt8]) throws(DecodeFailure) {
        guard message.count <= Self.limit else { throw DecodeFailure(.tooLarge, "more than \(Self.limit) bytes") }
        let lines = try Self.headLines(message)
        guard let first = lines.first else { throw Self.noRequest }
        let requestURI = try Self.requestURI(first)
        self.init(requestURI: requestURI, headers: try Self.headers(lines.dropFirst()))
    }

    /// Whether it is a SIP request and not JSON.
    public static func isMessage(_ text: [UInt8]) -> Bool { text.starts(with: "INVITE ".utf8) }

    private static var noRequest: DecodeFailure {
        DecodeFailure(.wrongType, "line 1: expected a request line, as INVITE sip:user@host SIP/2.0")
    }

    /// The lines up to the empty one, or to the end; empty ones in front are passed over (RFC 3261, 7.5).
    private static func headLines(_ message: [UInt8]) throws(DecodeFailure) -> [String] {
        var lines: [String] = []
        var rest = message.drop { $0 == 0x0D || $0 == 0x0A }
        while !rest.isEmpty {
            var line = rest.prefix { $0 != 0x0A }
            rest = rest.dropFirst(line.count + 1)
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty { break }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw DecodeFailure(.notUTF8, "line \(lines.count + 1): the text is not UTF-8")
            }
            guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw DecodeFailure(.wrongType, "line \(lines.count + 1): expected no control character")
            }
            lines.append(text)
        }
        return lines
    }

    private static func requestURI(_ line: String) throws(DecodeFailure) -> String {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].lowercased().hasPrefix("sip/"), isToken(words[0]), !words[1].isEmpty else {
            throw noRequest
        }
        // Methods are the one word of SIP that knows capitals.
        guard words[0] == "INVITE" else { throw DecodeFailure(.unknownType, "line 1: expected the method INVITE") }
        return String(words[1])
    }

    private static func headers(
        _ lines: ArraySlice<String>
    ) throws(DecodeFailure) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (index, line) in zip(lines.indices, lines) {
            if line.first == " " || line.first == "\t", let last = headers.indices.last {
                headers[last].value = trimmed((headers[last].value + " " + trimmed(line[...]))[...])
                continue
            }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let name = trimmed(parts[0])
            guard parts.count == 2, isToken(name[...]), line.first?.isWhitespace == false else {
                throw DecodeFailure(.wrongType, "line \(index + 1): expected a header, as Name: value")
            }
            headers.append((name, trimmed(parts[1])))
        }
        return headers
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        let rest = text.drop(while: isBlank)
        guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(rest[...last])
    }

    /// RFC 3261, 25.1.
    private static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-.!%*_+`'~".utf8.contains(byte)
                }
            }
    }
}
