import Foundation

/// Where a Socket.IO server is. The URL's path is where it answers; without one it is `/socket.io/`, as servers have
/// it.
///
/// It is never what JavaScript clients take it for, the namespace.
public struct SocketIOAddress: Sendable, Hashable {
    public let isSecure: Bool
    /// An IPv6 address without its brackets.
    public let host: String
    public let port: Int
    let path: String
    /// Of the URL itself; goes with every request.
    let query: String

    /// `nil` for what is no http or https URL.
    public init?(_ url: String) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty
        else { return nil }
        isSecure = scheme == "https"
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")).lowercased()
        port = parts.port ?? (isSecure ? 443 : 80)
        let path = parts.percentEncodedPath
        self.path = path.isEmpty || path == "/" ? "/socket.io/" : path.hasSuffix("/") ? path : path + "/"
        query = parts.percentEncodedQuery ?? ""
    }

    /// Host and port, for people.
    public var label: String { "\(authorityHost):\(port)" }

    private var authorityHost: String { host.contains(":") ? "[\(host)]" : host }

    /// As the request's `Host`: without the scheme's own port.
    var authority: String { port == (isSecure ? 443 : 80) ? authorityHost : label }

    /// What is asked for: path and query.
    func target(_ items: [(name: String, value: String)]) -> String {
        let own = items.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return path + "?" + (query.isEmpty ? own : "\(query)&\(own)")
    }

    func url(_ items: [(name: String, value: String)]) -> String {
        "\(isSecure ? "https" : "http")://\(authority)\(target(items))"
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
