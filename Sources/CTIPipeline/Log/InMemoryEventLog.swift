public import CTICore

/// An event log that forgets everything with the process: for tests, and for a daemon's dry run.
///
/// It keeps every promise of ``EventLog`` but durability.
public actor InMemoryEventLog: EventLog {
    private var recorded: [RecordedEntry] = []
    private var marks: [String: [UInt8]] = [:]
    private var span: LogBounds
    private var failure: EventLogError?
    private var appendFailure: EventLogError?

    /// - Parameter start: the last position that counts as given away; the first entry comes right after it.
    public init(startingAfter start: Position = Position(1_000_000)) {
        span = LogBounds(oldest: Position(start.rawValue + 1), newest: start)
    }

    /// From now on every call fails with `failure`, until it is taken away with `nil`: a full disk, for tests.
    public func fail(with failure: EventLogError?) {
        self.failure = failure
    }

    /// The same for appends alone: what is there can still be read.
    public func failAppends(with failure: EventLogError?) {
        appendFailure = failure
    }

    public func append(_ entries: [LogEntry]) throws(EventLogError) -> Position {
        try checkHealth()
        if let appendFailure { throw appendFailure }
        guard !entries.isEmpty else { throw EventLogError(.failed, "an append without entries") }
        let first = span.newest.rawValue + 1
        for (offset, entry) in entries.enumerated() {
            var stored = entry
            stored.handsOver = nil
            recorded.append(RecordedEntry(position: Position(first + Int64(offset)), entry: stored))
        }
        markReleased(entries.compactMap(\.handsOver))
        span.newest = Position(first + Int64(entries.count) - 1)
        return Position(first)
    }

    public func bounds() throws(EventLogError) -> LogBounds {
        try checkHealth()
        return span
    }

    public func entries(_ selection: LogSelection, after position: Position?, limit: Int) throws(EventLogError)
        -> [RecordedEntry]
    {
        try checkHealth()
        let later = recorded[index(after: position)...]
        return Array(later.lazy.filter { selection.includes($0.entry) }.prefix(max(0, limit)))
    }

    public func recentCalls(before position: Position?, limit: Int) throws(EventLogError) -> [RecordedEntry] {
        try checkHealth()
        var seen: Set<CallRef> = []
        var page: [RecordedEntry] = []
        for candidate in recorded.reversed() where candidate.entry.kind == .call {
            guard page.count < limit else { break }
            guard let ref = candidate.entry.ref, seen.insert(ref).inserted else { continue }
            if position.map({ candidate.position < $0 }) ?? true { page.append(candidate) }
        }
        return page
    }

    public func held(agent: Extension) throws(EventLogError) -> [RecordedEntry] {
        try checkHealth()
        return recorded.filter { $0.entry.held && $0.entry.agent == agent }
    }

    public func release(_ positions: [Position]) throws(EventLogError) {
        try checkHealth()
        markReleased(positions)
    }

    private func markReleased(_ positions: [Position]) {
        guard !positions.isEmpty else { return }
        for index in recorded.indices where positions.contains(recorded[index].position) {
            recorded[index].entry.held = false
        }
    }

    public func trim(before moment: Timestamp) throws(EventLogError) -> Int {
        try checkHealth()
        guard let last = recorded.last(where: { $0.entry.at < moment }) else { return 0 }
        let count = recorded.count
        recorded.removeAll { $0.entry.at < moment }
        span.oldest = Position(last.position.rawValue + 1)
        return count - recorded.count
    }

    public func removeDeadLetters(at positions: [Position]) throws(EventLogError) -> [Position] {
        try checkHealth()
        let wanted = Set(positions)
        let isWanted = { (item: RecordedEntry) in item.entry.kind == .deadLetter && wanted.contains(item.position) }
        let removed = recorded.filter(isWanted).map(\.position)
        recorded.removeAll(where: isWanted)
        return removed
    }

    public func setMark(_ name: String, _ value: [UInt8]?) throws(EventLogError) {
        try checkHealth()
        marks[name] = value
    }

    public func mark(_ name: String) throws(EventLogError) -> [UInt8]? {
        try checkHealth()
        return marks[name]
    }

    private func checkHealth() throws(EventLogError) {
        if let failure { throw failure }
    }

    /// Entries stand in the order of their positions, so the first later one is found by halving.
    private func index(after position: Position?) -> Int {
        guard let position else { return 0 }
        var (low, high) = (0, recorded.count)
        while low < high {
            let middle = (low + high) / 2
            if recorded[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension LogSelection {
    fileprivate func includes(_ entry: LogEntry) -> Bool {
        switch self {
        case .agentFrames(let agent): entry.kind.isAgentFrame && entry.agent == agent
        case .realtime: entry.kind == .realtime
        case .call(let ref): entry.ref == ref
        case .kind(let kind): entry.kind == kind
        case .everything: true
        }
    }
}
