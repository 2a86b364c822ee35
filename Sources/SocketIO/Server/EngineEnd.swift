/// Why a session is over. Nothing of it tells what a client sent.
public enum EngineEnd: String, Sendable, CaseIterable {
    case closedByClient = "closed by the client"
    case connectionLost = "connection lost"
    case pingTimeout = "ping timeout"
    case joinTimeout = "no namespace joined"
    case overlap = "two requests at once"
    case garbage = "not understood"
    case tooLarge = "too large"
    /// It did not read what was sent, or did not read its end.
    case overflow = "buffer full"
    case flooded = "too many events"
    case closedByServer = "closed by the server"
    case shutdown = "shutting down"

    /// What a WebSocket's close frame says (RFC 6455, §7.4.1).
    var webSocketCode: UInt16 {
        switch self {
        case .garbage, .overlap: 1002
        case .tooLarge: 1009
        case .overflow, .flooded, .joinTimeout, .pingTimeout: 1008
        case .shutdown: 1001
        case .closedByClient, .connectionLost, .closedByServer: 1000
        }
    }
}
