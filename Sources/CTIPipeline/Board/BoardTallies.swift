public import CTICore

/// What a tenant's log tells of the last hour. Pure: it is given the entries in their order, and told the time.
///
///     call ──▶ queues: offered, answered, abandoned, waits      a call counts once, in the minute of its first event
///     pop, ack, clear, missed ──▶ pops by outcome               a pop counts once, with what was said of it last
///     missed ──▶ the newest hundred      agentState ──▶ since when
public struct BoardTallies: Sendable {
    /// A call that was missed, as a row.
    public struct Missed: Sendable, Hashable {
        public var position: Position
        public var at: Timestamp
        public var ref: CallRef?
        public var agent: Extension?
        public var call: ToldCall
    }

    private struct CallNote {
        var queue: String
        var isAnswered = false
        var isOver = false
    }

    /// By name; empty for calls of none.
    public private(set) var queues: [String: RollingHour<QueueTally>] = [:]
    public private(set) var pops = RollingHour<PopTally>()
    /// Newest last.
    public private(set) var missed: [Missed] = []
    /// Since when agents are in the state that the PBX told.
    public private(set) var stateSince: [Extension: Timestamp] = [:]
    private var calls = HourMemory<CallFingerprint, CallNote>(limit: 200_000)
    private var said = HourMemory<String, PopTally.Outcome>(limit: 100_000)
    /// Minutes leave as a whole, so once a minute is enough.
    private var expiredMinute: Int64 = 0

    public static let missedRows = 100
    private static let queueLimit = 1000

    public init() {}

    public mutating func take(_ recorded: RecordedEntry, at now: Timestamp) {
        let entry = recorded.entry
        takeState(entry)
        guard entry.at.minute > now.minute - RollingHour<PopTally>.length else { return }
        switch entry.kind {
        case .call: takeCall(entry)
        case .pop: say(.open, of: StoredFrame(entry.data).id, at: entry.at)
        case .ack, .clear: takeWord(entry)
        case .missed: takeMissed(recorded)
        case .agentState, .realtime, .deadLetter, .received, .delivery: break
        }
    }

    /// A state lasts until the next one, however long ago it began.
    public mutating func takeState(_ entry: LogEntry) {
        guard entry.kind == .agentState, let agent = entry.agent else { return }
        stateSince[agent] = entry.at
    }

    /// Returns whether anything changed.
    @discardableResult
    public mutating func expire(at now: Timestamp) -> Bool {
        guard now.minute != expiredMinute else { return false }
        expiredMinute = now.minute
        let first = now.minute - RollingHour<PopTally>.length + 1
        var isChanged = pops.expire(at: now)
        for queue in queues.keys where queues[queue]?.expire(at: now) == true { isChanged = true }
        let old = missed.prefix { $0.at.minute < first }.count
        missed.removeFirst(old)
        guard isChanged || old > 0 else { return false }
        queues = queues.filter { $0.value.total != QueueTally() }
        calls.forget(before: first)
        said.forget(before: first)
        return true
    }
}

// MARK: Calls

extension BoardTallies {
    private mutating func takeCall(_ entry: LogEntry) {
        guard let ref = entry.ref, let told = ToldCall(entry.data), told.direction == .inbound else { return }
        let key = CallFingerprint(ref)
        guard let known = calls[key] else {
            let queue = told.queue ?? ""
            guard queues[queue] != nil || queues.count < Self.queueLimit else { return }
            return count(told, as: CallNote(queue: queue), key, since: entry.at) { $0.offered += 1 }
        }
        count(told, as: known.note, key, since: known.since) { _ in }
    }

    private mutating func count(
        _ told: ToldCall, as known: CallNote, _ key: CallFingerprint, since: Timestamp,
        _ first: (inout QueueTally) -> Void
    ) {
        var note = known
        note.isAnswered = known.isAnswered || told.upAt != nil
        note.isOver = known.isOver || told.endedAt != nil
        queues[note.queue, default: RollingHour()].change(at: since) { tally in
            first(&tally)
            if note.isAnswered, !known.isAnswered { tally.answer(after: told.waited) }
            if note.isOver, !known.isOver, !note.isAnswered { tally.abandoned += 1 }
        }
        calls.note(note, of: key, at: since)
    }
}

// MARK: Pops

extension BoardTallies {
    /// What is said of a pop counts in place of what was said before.
    private mutating func say(_ outcome: PopTally.Outcome, of id: String?, at moment: Timestamp) {
        guard let id else { return }
        let known = said[id]
        pops.change(at: known?.since ?? moment) { tally in
            if let known { tally.outcomes[known.note, default: 0] -= 1 }
            tally.outcomes[outcome, default: 0] += 1
        }
        said.note(outcome, of: id, at: moment)
    }

    /// An acknowledgement, or the end of a pop.
    private mutating func takeWord(_ entry: LogEntry) {
        let frame = StoredFrame(entry.data)
        var start = 0
        guard let id = frame.id, let known = said[id]?.note else { return }
        let word =
            entry.kind == .ack ? frame.text("\"outcome\":\"", from: &start) : frame.text("\"reason\":\"", from: &start)
        switch (word, known) {
        case ("handled", _): say(.handled, of: id, at: entry.at)
        case ("dismissed", _): say(.dismissed, of: id, at: entry.at)
        case ("shown", .open), ("shown", .blocked), ("shown", .missed): say(.shown, of: id, at: entry.at)
        case ("blocked", .open): say(.blocked, of: id, at: entry.at)
        case ("ended", .open), ("transferred", .open): say(.silent, of: id, at: entry.at)
        default: break
        }
    }

    /// One that is told once more at a log-in was counted before. A call that nobody answered asked for no screen.
    private mutating func takeMissed(_ recorded: RecordedEntry) {
        let entry = recorded.entry
        if let trace = entry.trace, StoredFrame(trace).contains("\"handedOver\":") { return }
        guard let told = ToldCall(entry.data) else { return }
        pops.change(at: entry.at) { $0.missed[told.reason ?? "unknown", default: 0] += 1 }
        if told.reason != CallFrame.MissedReason.unanswered.rawValue {
            say(.missed, of: StoredFrame(entry.data).id, at: entry.at)
        }
        missed.append(
            Missed(position: recorded.position, at: entry.at, ref: entry.ref, agent: entry.agent, call: told))
        if missed.count > Self.missedRows { missed.removeFirst(missed.count - Self.missedRows) }
    }
}
