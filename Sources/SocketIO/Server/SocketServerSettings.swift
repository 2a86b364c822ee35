public import NIOCore

/// How patient a ``SocketServer`` is, and how much it holds. Times and names are Engine.IO's own defaults where it has any.
public struct SocketServerSettings: Sendable {
    /// A client is pinged this often, and must answer within the timeout.
    public var pingInterval: TimeAmount
    public var pingTimeout: TimeAmount
    /// A WebSocket that was opened for a polling session must take it over within this.
    public var upgradeTimeout: TimeAmount
    /// A session that has joined no namespace is closed after this.
    public var joinTimeout: TimeAmount
    /// A session that is over has so long to read what is still buffered for it.
    public var farewell: TimeAmount
    /// Bytes of a message, or of a polling request's body, that a client may send.
    public var maxPayload: Int
    /// Bytes that may wait for a client; see ``EngineSession`` for what happens beyond.
    public var outgoingBytes: Int
    /// Sessions beyond these are refused with 503.
    public var sessions: Int
    /// The same of sessions that joined no namespace: whoever has no right to anything cannot take all there is.
    public var unjoinedSessions: Int
    /// Namespaces that a session may be in.
    public var namespaces: Int
    /// Binary attachments of one event; together they have at most `maxPayload` bytes.
    public var attachments: Int
    /// Events sent that wait to be acknowledged, in each namespace; the oldest gives way.
    public var pendingAcks: Int
    /// Events received that wait to be handled, in each namespace; one more ends the session.
    public var pendingEvents: Int

    public init(
        pingInterval: TimeAmount = .seconds(25), pingTimeout: TimeAmount = .seconds(20),
        upgradeTimeout: TimeAmount = .seconds(10), joinTimeout: TimeAmount = .seconds(45),
        farewell: TimeAmount = .seconds(2), maxPayload: Int = 64 * 1024, outgoingBytes: Int = 256 * 1024,
        sessions: Int = 100_000, unjoinedSessions: Int = 1000, namespaces: Int = 8, attachments: Int = 8,
        pendingAcks: Int = 64, pendingEvents: Int = 64
    ) {
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.upgradeTimeout = upgradeTimeout
        self.joinTimeout = joinTimeout
        self.farewell = farewell
        self.maxPayload = maxPayload
        self.outgoingBytes = outgoingBytes
        self.sessions = sessions
        self.unjoinedSessions = unjoinedSessions
        self.namespaces = namespaces
        self.attachments = attachments
        self.pendingAcks = pendingAcks
        self.pendingEvents = pendingEvents
    }

    /// How often it is looked who is late: fine enough for the shortest of the times.
    var tick: TimeAmount {
        let shortest = min(pingInterval, pingTimeout, upgradeTimeout, joinTimeout)
        return max(.milliseconds(10), min(.seconds(1), .nanoseconds(shortest.nanoseconds / 8)))
    }
}
