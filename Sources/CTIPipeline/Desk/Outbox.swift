import CTICore

/// What waits to be recorded, and where it goes once it is: nothing is delivered that is not in the log.
struct Outbox {
    enum Recipient: Hashable {
        case nobody
        case everySession(Extension)
        case session(SessionID)
        case boards
    }

    struct Item {
        var entry: LogEntry
        var recipient: Recipient
    }

    private(set) var items: [Item] = []
    /// Sources whose batches are among the items: they go on once these are recorded.
    private(set) var sources: [RedisListSource] = []

    var isEmpty: Bool { items.isEmpty }

    mutating func add(_ entry: LogEntry, to recipient: Recipient) {
        items.append(Item(entry: entry, recipient: recipient))
    }

    mutating func resumeAfterwards(_ source: RedisListSource) { sources.append(source) }

    mutating func takeAll() -> Outbox {
        defer { self = Outbox() }
        return self
    }
}
