import CTICore

/// What waits to be recorded, and where it goes once it is: nothing is delivered that is not in the log.
struct Outbox {
    enum Recipient: Hashable {
        case nobody
        case everySession(Extension)
        case session(SessionID, pop: PopID, of: Extension)
        case boards
    }

    struct Item {
        var entry: LogEntry
        var recipient: Recipient
    }

    struct Batch {
        let source: RedisListSource
        let count: Int
        let takenAt: ContinuousClock.Instant
    }

    private(set) var items: [Item] = []
    /// Batches that are among the items: their sources go on once these are recorded.
    private(set) var batches: [Batch] = []

    /// Those who wait until all of it is recorded, or cannot be.
    private(set) var waiters: [CheckedContinuation<Void, Never>] = []
    /// The same, but they do not wait for a log that cannot be written.
    private(set) var hasty: [CheckedContinuation<Void, Never>] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func add(_ entry: LogEntry, to recipient: Recipient) {
        items.append(Item(entry: entry, recipient: recipient))
    }

    mutating func resumeAfterwards(_ source: RedisListSource, count: Int) {
        batches.append(Batch(source: source, count: count, takenAt: .now))
    }

    mutating func tellAfterwards(_ waiter: CheckedContinuation<Void, Never>) { waiters.append(waiter) }

    mutating func tellHastily(_ waiter: CheckedContinuation<Void, Never>) { hasty.append(waiter) }

    mutating func takeHasty() -> [CheckedContinuation<Void, Never>] {
        defer { hasty = [] }
        return hasty
    }

    mutating func takeAll() -> Outbox {
        defer { self = Outbox() }
        return self
    }
}
