public import CTICore

/// A desk that only records, in a log that forgets everything, and tells: for tests of couriers and sinks.
public actor InMemorySinkDesk: SinkDesk {
    public nonisolated let log: InMemoryEventLog
    private var followers: [AsyncStream<Position>.Continuation] = []

    public init(log: InMemoryEventLog = InMemoryEventLog()) { self.log = log }

    public func follow() async -> AsyncStream<Position> {
        let newest = try? await log.bounds().newest
        let (stream, continuation) = AsyncStream.makeStream(of: Position.self, bufferingPolicy: .bufferingNewest(1))
        followers.append(continuation)
        if let newest { continuation.yield(newest) }
        return stream
    }

    public func record(_ entries: [LogEntry]) async {
        guard let first = try? await log.append(entries) else { return }
        for follower in followers { follower.yield(Position(first.rawValue + Int64(entries.count) - 1)) }
    }
}
