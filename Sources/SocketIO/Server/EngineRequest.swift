import Foundation

/// What a request under `/socket.io/` asks for, as its query tells.
public struct EngineRequest: Sendable {
    public enum Method: Sendable { case get, post, other }

    public var method: Method
    public var isUpgrade: Bool
    /// `nil` where there is none: the request opens a session.
    public let session: String?
    private let revision: String?
    private let transport: String?

    /// - Parameter query: what stands behind the question mark.
    public init(_ method: Method, query: String, isUpgrade: Bool = false) {
        self.method = method
        self.isUpgrade = isUpgrade
        session = Self.value(of: "sid", in: query)
        revision = Self.value(of: "EIO", in: query)
        transport = Self.value(of: "transport", in: query)
    }

    /// What is wrong with it, before anybody knows whether there is such a session. In the order that Engine.IO looks.
    public var refusal: EngineRefusal? {
        guard transport == "polling" || transport == "websocket" else { return .unknownTransport }
        guard (transport == "websocket") == isUpgrade else { return .badRequest }
        guard method != .other, session != nil || method == .get else { return .badMethod }
        guard revision == String(EngineRevision.four.rawValue) else { return .unsupportedRevision }
        return nil
    }

    /// A parameter of a query, decoded; `nil` where it is absent or empty. The first of several.
    public static func value(of name: String, in query: String) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == name else { continue }
            return parts[1].removingPercentEncoding.flatMap { $0.isEmpty ? nil : $0 }
        }
        return nil
    }
}

/// How a client came: what may tell who it is.
public struct SocketHandshake: Sendable {
    public var query: String
    public var authorization: String?

    public init(query: String, authorization: String? = nil) {
        self.query = query
        self.authorization = authorization
    }
}
