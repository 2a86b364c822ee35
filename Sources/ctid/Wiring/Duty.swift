/// A piece of work that goes on until it is ended, alone, without the group it runs in.
///
/// Whoever starts it hands it to a group, which runs it; whoever ends it waits until it has come back.
final class Duty: Sendable {
    private let body: @Sendable () async -> Void
    private let halt = Bell()
    private let over = Bell()

    init(_ body: @escaping @Sendable () async -> Void) { self.body = body }

    /// Once. Also where it was ended before it began, and then for a moment only: `body` finds itself cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.body() }
            group.addTask { await self.halt.heard() }
            await group.next()
            group.cancelAll()
        }
        over.ring()
    }

    /// Cancels it, and comes back when it has ended.
    func end() async {
        halt.ring()
        await ended()
    }

    /// Comes back when it has ended by itself.
    func ended() async { await over.heard() }
}

/// Rung once, heard by everybody who waits, and by whoever comes later.
private final class Bell: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Never.self)

    func ring() { continuation.finish() }
    func heard() async { for await _ in stream {} }
}
