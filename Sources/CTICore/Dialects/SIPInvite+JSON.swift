extension SIPInvite {
    /// Reads an object of header names to values: text, a number, or a list, of which the first counts.
    ///
    /// SIP.js keeps its headers as lists of `{"raw": …}`. The request line is no header; who has it may send it as
    /// `Request-URI`.
    ///
    /// - Throws: `wrong-type` where the value of a header that matters is none of these; others are passed over.
    public init(headers object: JSONObject) throws(DecodeFailure) {
        var headers: [(name: String, value: String)] = []
        var requestURI: String?
        for member in object.members where !member.value.isNull {
            guard let text = Self.text(member.value) else {
                guard let name = Self.namesThatMatter.first(where: { $0.lowercased() == member.name.lowercased() })
                else { continue }
                throw DecodeFailure(.wrongType, "\(name): expected a string or digits")
            }
            if member.name.lowercased() == Self.requestURIName.lowercased() { requestURI = text }
            headers.append((member.name, text))
        }
        self.init(requestURI: requestURI, headers: headers)
    }

    private static let requestURIName = "Request-URI"

    private static let namesThatMatter = SIPHeader.allCases.flatMap(\.names) + ["From", requestURIName]

    /// Whether an object is one of SIP headers, and not an event in some dialect.
    public static func isHeaders(_ object: JSONObject) -> Bool {
        let names = Set(object.members.map { $0.name.lowercased() })
        if names.contains(where: { name in SIPHeader.prefixes.contains { name.hasPrefix($0.lowercased()) } }) {
            return true
        }
        return names.contains("call-id") && names.contains("from")
    }

    private static func text(_ value: JSONFragment) -> String? {
        guard value.bytes.first == UInt8(ascii: "[") else { return value.text }
        return value.bytes.withUnsafeBytes { bytes in try? first(ofList: bytes) }
    }

    private static func first(ofList bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> String? {
        var scanner = JSONScanner(bytes, relaxed: false)
        _ = try scanner.next()
        switch try scanner.next() {
        case .scalar(let token): return token.string(in: bytes)
        case .objectStart: return try raw(inObjectAt: scanner.position - 1, &scanner, of: bytes)
        default: return nil
        }
    }

    private static func raw(
        inObjectAt start: Int, _ scanner: inout JSONScanner, of bytes: UnsafeRawBufferPointer
    ) throws(DecodeFailure) -> String? {
        var depth = 1
        while depth > 0 {
            switch try scanner.next() {
            case .objectStart, .arrayStart: depth += 1
            case .containerEnd: depth -= 1
            case .end: return nil
            case .key, .scalar: continue
            }
        }
        return try JSONObject(Array(bytes[start..<scanner.position]))["raw"]?.text
    }
}
