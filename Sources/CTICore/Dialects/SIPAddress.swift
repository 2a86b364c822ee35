/// Who a SIP header, or a request line, speaks of: what is needed of `sip:`, `sips:` and `tel:` addresses.
struct SIPAddress: Hashable {
    /// Without parameters and password, its escapes resolved; `nil` where the address names a host alone.
    let user: String?
    /// In lower case; empty of a `tel:` address.
    let host: String

    /// Of a From or To: `"Jane Roe" <sip:0821234567@pbx.example;user=phone>;tag=1`, or the address as it is.
    init?(header: String) {
        let rest = Self.withoutQuotedName(header[...])
        if let open = rest.firstIndex(of: "<") {
            let inside = rest[rest.index(after: open)...]
            self.init(uri: String(inside.prefix { $0 != ">" }))
        } else {
            // Without angle brackets what follows a semicolon belongs to the header (RFC 3261, 20).
            self.init(uri: String(rest.prefix { $0 != ";" }))
        }
    }

    /// Of a request line. Without a scheme it is taken as `sip:`, and without a host, too, as the user alone.
    init?(uri: String) {
        let uri = uri.filter { !$0.isWhitespace && $0 != "<" && $0 != ">" }
        let parts = uri.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !uri.isEmpty, let scheme = parts.first?.lowercased() else { return nil }
        switch (scheme, parts.count) {
        case ("tel", 2): self.init(number: parts[1])
        case ("sip", 2), ("sips", 2): self.init(userAtHost: parts[1])
        case (_, 1) where !scheme.contains("@"): self.init(userAtHost: (uri + "@")[...])
        default:
            guard scheme.contains("@") else { return nil }
            self.init(userAtHost: uri[...])
        }
    }

    private init(number: Substring) {
        let digits = Self.unescaped(number.prefix { $0 != ";" }).filter { !"-.() ".contains($0) }
        user = digits.isEmpty ? nil : digits
        host = ""
    }

    private init(userAtHost address: Substring) {
        guard let at = address.firstIndex(of: "@") else {
            user = nil
            host = Self.host(address)
            return
        }
        let name = Self.unescaped(address[..<at].prefix { $0 != ";" && $0 != ":" })
        user = name.isEmpty ? nil : name
        host = Self.host(address[address.index(after: at)...])
    }

    /// Whether it stands for nobody: a withheld number, or the random name of a telephone behind a WebSocket.
    var isAnonymous: Bool {
        user?.lowercased() == "anonymous" || host == "invalid" || host.hasSuffix(".invalid")
    }
}

extension SIPAddress {
    private static func host(_ rest: Substring) -> String { rest.prefix { !";?:>".contains($0) }.lowercased() }

    /// What follows `"…"`, in which `\"` ends nothing and `<` begins nothing.
    private static func withoutQuotedName(_ text: Substring) -> Substring {
        let text = text.drop { $0.isWhitespace }
        guard text.first == "\"" else { return text }
        var isEscaped = false
        for index in text.indices.dropFirst() {
            if text[index] == "\"", !isEscaped { return text[text.index(after: index)...] }
            isEscaped = text[index] == "\\" && !isEscaped
        }
        return text
    }

    /// A `%` without two hexadecimal digits stays as it is; so does all, where it would be no text.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = hexadecimal(rest.first),
                let low = hexadecimal(rest.dropFirst().first)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }

    private static func hexadecimal(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(let byte) where (0x30...0x39).contains(byte): byte - 0x30
        case .some(let byte) where (0x41...0x46).contains(byte & 0xDF): (byte & 0xDF) - 0x37
        default: nil
        }
    }
}
