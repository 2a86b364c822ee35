import NIOHTTP1

/// What requests of a client look like: the query that Engine.IO wants, the token, the cookies of the first answer.
///
/// Revision 3 has no place for a token but the query, where servers' logs may show it. Revision 4 sends it with the
/// namespace. Both send it as `Authorization: Bearer`, too.
struct ClientRequests: Sendable {
    enum Transport: String { case polling, websocket }

    let address: SocketIOAddress
    let revision: EngineRevision
    let token: String?
    var sid: String?
    /// Load balancers bind a session to a server by them.
    var cookies: [String] = []

    /// More of them than any balancer needs.
    private static let mostCookies = 16

    init(_ address: SocketIOAddress, _ revision: EngineRevision, token: String?) {
        self.address = address
        self.revision = revision
        self.token = token
    }

    func items(_ transport: Transport) -> [(name: String, value: String)] {
        var items = [(name: "EIO", value: "\(revision.rawValue)"), (name: "transport", value: transport.rawValue)]
        if let sid { items.append((name: "sid", value: sid)) }
        if revision == .three, let token { items.append((name: "token", value: token)) }
        return items
    }

    var headers: HTTPHeaders {
        var headers = HTTPHeaders()
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        if !cookies.isEmpty { headers.add(name: "Cookie", value: cookies.joined(separator: "; ")) }
        return headers
    }

    mutating func keepCookies(of headers: HTTPHeaders) {
        cookies = headers["Set-Cookie"].prefix(Self.mostCookies).compactMap {
            $0.split(separator: ";", maxSplits: 1).first.map(String.init)
        }
    }
}
