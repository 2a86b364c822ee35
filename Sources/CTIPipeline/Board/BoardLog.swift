public import CTICore

/// Reads a tenant's log for its boards: from an hour ago on, in pages, so that whoever writes it never waits long.
///
/// The log has no index by time, since positions rise with it: the beginning is found by halving.
public struct BoardLog: Sendable {
    private let log: any ReadableLog
    /// All up to here was read; `nil` before the beginning was looked for.
    private var position: Position?
    private var lettersCheckedAt: Timestamp?
    public private(set) var tallies = BoardTallies()
    public private(set) var letters = DeadLetterList()
    /// Calls that may be under way, with the queue and the contact that were told with them.
    public private(set) var notes: [CallRef: Note] = [:]

    public struct Note: Sendable, Hashable {
        public var queue: String?
        public var contact: String?
    }

    private static let page = 500
    /// An agent's state that began before is shown without its time.
    private static let shift = Duration.seconds(12 * 3600)
    /// Whoever requeues or purges dead letters is seen within so long.
    private static let recheck = Duration.seconds(20)

    public init(_ log: any ReadableLog) { self.log = log }

    /// Reads one page. Returns whether there may be more, and whether anything is new.
    public mutating func read(at now: Timestamp) async throws(EventLogError) -> (isBehind: Bool, isNews: Bool) {
        let start = try await begin(at: now)
        let entries = try await log.entries(.everything, after: start, limit: Self.page)
        for recorded in entries { take(recorded, at: now) }
        position = entries.last?.position ?? start
        let expired = tallies.expire(at: now)
        let lettersChanged = try await checkLetters(at: now)
        return (entries.count == Self.page, !entries.isEmpty || expired || lettersChanged)
    }

    /// Only these are under way still.
    public mutating func remember(_ calls: [CallRef]) {
        for ref in calls where notes[ref] == nil { notes[ref] = Note() }
        guard calls.count != notes.count else { return }
        let kept = Set(calls)
        notes = notes.filter { kept.contains($0.key) }
    }

    private mutating func take(_ recorded: RecordedEntry, at now: Timestamp) {
        tallies.take(recorded, at: now)
        letters.take(recorded)
        guard recorded.entry.kind == .call, let ref = recorded.entry.ref else { return }
        guard let told = ToldCall(recorded.entry.data) else { return }
        let known = notes[ref]
        notes[ref] =
            told.endedAt == nil
            ? Note(queue: told.queue ?? known?.queue, contact: told.contactName ?? known?.contact) : nil
    }

    // MARK: The beginning

    private mutating func begin(at now: Timestamp) async throws(EventLogError) -> Position {
        if let position { return position }
        let bounds = try await log.bounds()
        let hour = try await find(now.adding(.seconds(-3600)), in: bounds)
        try await readLetters(after: try await find(now.adding(.zero - DeadLetterList.keeps), in: bounds), at: now)
        try await readStates(after: try await find(now.adding(.zero - Self.shift), in: bounds), until: hour)
        position = hour
        return hour
    }

    /// Since when agents are in the states that they were in an hour ago.
    private mutating func readStates(after start: Position, until end: Position) async throws(EventLogError) {
        var position = start
        while position < end {
            let found = try await log.entries(.kind(.agentState), after: position, limit: Self.page)
            for recorded in found where recorded.position <= end { tallies.takeState(recorded.entry) }
            guard found.count == Self.page, let last = found.last else { return }
            position = last.position
        }
    }

    /// The last position before `moment`, or near it: an entry may tell an earlier time than those before it.
    private func find(_ moment: Timestamp, in bounds: LogBounds) async throws(EventLogError) -> Position {
        var (low, high) = (bounds.oldest.rawValue - 1, bounds.newest.rawValue)
        while low < high {
            let middle = low + (high - low) / 2
            let found = try await log.entries(.everything, after: Position(middle), limit: 4)
            let isLater = found.map(\.entry.at).max().map { $0 >= moment } ?? true
            if isLater { high = middle } else { low = middle + 1 }
        }
        return Position(low)
    }

    // MARK: Dead letters

    private mutating func checkLetters(at now: Timestamp) async throws(EventLogError) -> Bool {
        let expired = letters.expire(at: now)
        guard let first = letters.rows.first, let checked = lettersCheckedAt, now.since(checked) >= Self.recheck else {
            if lettersCheckedAt == nil { lettersCheckedAt = now }
            return expired
        }
        let before = letters.rows
        try await readLetters(after: Position(first.position.rawValue - 1), at: now)
        return expired || letters.rows != before
    }

    /// In small pages: each has its payload.
    private mutating func readLetters(after start: Position, at now: Timestamp) async throws(EventLogError) {
        lettersCheckedAt = now
        var (read, position) = (DeadLetterList(), start)
        while true {
            let found = try await log.entries(.kind(.deadLetter), after: position, limit: 50)
            for recorded in found { read.take(recorded) }
            guard found.count == 50, let last = found.last else { break }
            position = last.position
        }
        letters = read
    }
}
