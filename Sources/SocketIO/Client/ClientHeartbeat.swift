/// Whether the server is still there. Revision 4: it pings us. Revision 3: we ping it.
///
/// Whatever it sends is a sign of life, not pings and pongs alone.
struct ClientHeartbeat {
    enum Beat { case ping, silent }

    private let revision: EngineRevision
    private let interval: Duration
    private let timeout: Duration
    private var nextPing: ContinuousClock.Instant
    private var silentAt: ContinuousClock.Instant

    init(_ revision: EngineRevision, _ handshake: EngineHandshake, at now: ContinuousClock.Instant) {
        self.revision = revision
        interval = handshake.pingInterval
        timeout = handshake.pingTimeout
        nextPing = now + interval
        silentAt = now + interval + timeout
    }

    var deadline: ContinuousClock.Instant { revision == .three ? min(nextPing, silentAt) : silentAt }

    mutating func heard(_ now: ContinuousClock.Instant) { silentAt = now + interval + timeout }

    mutating func tick(_ now: ContinuousClock.Instant) -> Beat? {
        if now >= silentAt { return .silent }
        guard revision == .three, now >= nextPing else { return nil }
        nextPing = now + interval
        return .ping
    }
}
