import Foundation

/// Where a Redis server is.
enum RedisEndpoint: Hashable, Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}

/// A Redis server's address in one of its four forms: `redis://[user[:password]@]host[:port][/db]`, `rediss://` (the
/// same over TLS), `unix:///path?db=0`, and the PBX's own `host:port/db`.
struct RedisURL: Hashable, Sendable {
    /// What is wrong, and what is expected. Never a part of the address: it may hold a password.
    struct Problem: Error, Hashable { var message: String }

    /// A Unix socket's path may be no longer; the client library would cut it without a word.
    static let longestSocketPath = 107

    var endpoint: RedisEndpoint
    var database = 0
    var usesTLS = false
    var username: String?
    var password: Secret?

    init(parsing text: String) throws(Problem) {
        guard !text.contains(where: { $0.isWhitespace || !$0.isASCII }) else {
            throw Problem(message: "holds a blank or a letter that no URL has, expected \(Self.forms)")
        }
        guard let mark = text.firstRange(of: "://") else {
            endpoint = .unix(path: "")
            try readNetwork(text[...])
            return
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        endpoint = .unix(path: "")
        switch scheme {
        case "redis", "rediss":
            usesTLS = scheme == "rediss"
            try readNetwork(text[mark.upperBound...])
        case "unix": try readSocket(text[mark.upperBound...])
        default: throw Problem(message: "begins with \"\(scheme)://\", expected \(Self.forms)")
        }
    }

    private static let forms = "redis://host:port/db, rediss://host:port/db, unix:///path?db=0 or host:port/db"

    private mutating func readNetwork(_ text: Substring) throws(Problem) {
        var rest = try readUser(text)
        if let slash = rest.firstIndex(of: "/") {
            try readDatabase(rest[rest.index(after: slash)...])
            rest = rest[..<slash]
        }
        var port = 6379
        // A colon inside brackets is an IPv6 address's.
        if rest.last != "]", let colon = rest.lastIndex(of: ":") {
            guard let number = Self.number(rest[rest.index(after: colon)...], in: 1...65535) else {
                throw Problem(message: "has a bad port, expected a number from 1 to 65535")
            }
            port = number
            rest = rest[..<colon]
        }
        guard let host = ListenAddress.host(rest) else {
            throw Problem(message: "has no proper host, expected \(Self.forms)")
        }
        endpoint = .tcp(host: host, port: port)
    }

    private mutating func readSocket(_ text: Substring) throws(Problem) {
        let parts = try readUser(text).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap({ String($0).removingPercentEncoding }), path.hasPrefix("/") else {
            throw Problem(message: "names no absolute path, expected unix:///path?db=0")
        }
        guard path.utf8.count <= Self.longestSocketPath else {
            throw Problem(message: "names too long a path, expected at most \(Self.longestSocketPath) bytes")
        }
        endpoint = .unix(path: path)
        guard parts.count == 2 else { return }
        guard parts[1].hasPrefix("db="), !parts[1].contains("&") else {
            throw Problem(message: "has an unknown parameter, expected ?db=0 alone")
        }
        try readDatabase(parts[1].dropFirst(3))
    }

    /// Takes `user:password@` off. The last `@` ends it: a password that was not encoded may hold others.
    private mutating func readUser(_ text: Substring) throws(Problem) -> Substring {
        guard let at = text.lastIndex(of: "@") else { return text }
        let parts = text[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let decoded = parts.map { String($0).removingPercentEncoding }
        guard !decoded.contains(nil) else { throw Problem(message: "has a bad % sequence before its @") }
        username = decoded.first.flatMap { $0 }.flatMap { $0.isEmpty ? nil : $0 }
        if decoded.count == 2 { password = decoded[1].flatMap { $0.isEmpty ? nil : Secret($0) } }
        return text[text.index(after: at)...]
    }

    private mutating func readDatabase(_ text: Substring) throws(Problem) {
        guard !text.isEmpty else { return }
        guard let number = Self.number(text, in: 0...65535) else {
            throw Problem(message: "has a bad database, expected its number after the slash, as in redis://host:6379/0")
        }
        database = number
    }

    private static func number(_ text: Substring, in range: ClosedRange<Int>) -> Int? {
        guard text.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(text) else { return nil }
        return range.contains(number) ? number : nil
    }
}
