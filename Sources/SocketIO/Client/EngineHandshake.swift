import Foundation

/// What a server says first: the session's id, whether it may move to a WebSocket, how often it is heard of.
struct EngineHandshake: Hashable {
    var sid: String
    var offersWebSocket: Bool
    var pingInterval: Duration
    var pingTimeout: Duration
    /// Bytes that one body or frame may have; revision 3 does not tell.
    var maxPayload: Int?

    /// A proxy that swallows WebSockets costs so much at every connection, and as much again where it opens them.
    /// Together less than the server waits for a sign of life: nothing is polled meanwhile.
    var upgradePatience: Duration { min(.seconds(4), (pingInterval + pingTimeout) / 3) }

    private struct Document: Decodable {
        var sid: String
        var upgrades: [String]?
        var pingInterval: Double
        var pingTimeout: Double
        var maxPayload: Double?
    }

    /// Neither a server that is always asked nor one that is never missed.
    private static let milliseconds = 50.0...3_600_000.0

    init(_ json: [UInt8]) throws(PacketError) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)),
            (1...256).contains(document.sid.utf8.count), Self.milliseconds.contains(document.pingInterval),
            Self.milliseconds.contains(document.pingTimeout)
        else { throw PacketError("a handshake of another shape") }
        sid = document.sid
        offersWebSocket = document.upgrades?.contains("websocket") ?? false
        pingInterval = .milliseconds(Int(document.pingInterval))
        pingTimeout = .milliseconds(Int(document.pingTimeout))
        maxPayload = document.maxPayload.flatMap { $0 > 0 && $0 < 1e12 ? Int($0) : nil }
    }
}
