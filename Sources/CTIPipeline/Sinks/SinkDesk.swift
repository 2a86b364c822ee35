public import CTICore

/// What a courier asks of the tenant's desk, which alone writes the log.
public protocol SinkDesk: Sendable {
    /// The newest position, each time something was recorded; ends with the tenant. Whoever is slow misses some of them,
    /// never the last.
    func follow() async -> AsyncStream<Position>
    /// Comes back once they are recorded, or never will be.
    func record(_ entries: [LogEntry]) async
}

extension TenantDesk: SinkDesk {
    public func follow() -> AsyncStream<Position> {
        let (stream, continuation) = AsyncStream.makeStream(of: Position.self, bufferingPolicy: .bufferingNewest(1))
        guard !isOver else {
            continuation.finish()
            return stream
        }
        followers.append(continuation)
        continuation.yield(head)
        return stream
    }

    public func record(_ entries: [LogEntry]) async {
        for entry in entries { outbox.add(entry, to: .nobody) }
        await recorded()
    }

    /// From now on the metrics and `/readyz` know of them.
    public func expect(_ couriers: [SinkCourier]) { self.couriers = couriers }

    func ringFollowers() {
        // Those who listen no more are forgotten.
        followers.removeAll { if case .terminated = $0.yield(head) { true } else { false } }
    }

    func dismissFollowers() {
        for follower in followers { follower.finish() }
        followers = []
    }
}
