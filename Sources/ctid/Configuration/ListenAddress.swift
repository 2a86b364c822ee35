/// Where the HTTP server listens: a host name or address, and a port. Port 0 is any free one.
struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `127.0.0.1:8080`, `[::1]:8080`. `nil` for anything else.
    init?(written: String) {
        guard let colon = written.lastIndex(of: ":") else { return nil }
        let digits = written[written.index(after: colon)...]
        guard digits.allSatisfy({ ("0"..."9").contains($0) }), let port = Int(digits), port <= 65535 else { return nil }
        guard let host = Self.host(written[..<colon]) else { return nil }
        self.init(host: host, port: port)
    }

    /// Without the brackets of an IPv6 address, which it must have.
    static func host(_ written: Substring) -> String? {
        if written.first == "[", written.last == "]" {
            let address = written.dropFirst().dropLast()
            return address.contains(":") && address.allSatisfy(isOfAddress) ? String(address) : nil
        }
        return !written.isEmpty && written.allSatisfy(isOfName) ? String(written) : nil
    }

    private static func isOfAddress(_ character: Character) -> Bool {
        character.isHexDigit || character == ":" || character == "." || character == "%"
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
