public import CTICore
public import CTIPipeline
import GRDB

/// The event log of one tenant in one SQLite file.
///
/// Appends that arrive while a commit is under way are committed together by the next one:
///
///     append ──┐                                         ┌─▶ position
///     append ──┼─▶ pending ─▶ one transaction ─▶ commit ─┼─▶ position
///     append ──┘                (on the log's executor)  └─▶ error
///
/// `pending` needs no bound of its own: whoever appends waits, so it is never longer than the callers are many.
/// An append cannot be cancelled: it may be on the disk already.
public actor SQLiteEventLog: EventLog {
    private struct Append {
        let entries: [LogEntry]
        let done: CheckedContinuation<Result<Position, EventLogError>, Never>
    }

    private let executor: LogExecutor
    private let path: String
    private let durability: LogDurability
    private let now: @Sendable () -> Timestamp
    private let onDamage: @Sendable (_ setAsideAs: String) -> Void
    private var file: LogFile?
    private var isClosed = false
    /// Begun anew, and nothing was written to it yet.
    private var isFresh = false
    private var span: LogBounds
    /// Tells whether another process has written since.
    private var dataVersion: Int64
    private var pending: [Append] = []
    private var checkpoints = CheckpointSchedule()

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the log, or makes a fresh one where there is no file; the folder must be there.
    ///
    /// A fresh log's positions begin at `now`, in microseconds: beyond all that a former file at this place can have
    /// given away, short of a million entries a second, and below 2^53 until the year 2255.
    ///
    /// Throws `corrupt` where the file is damaged or no database, see ``setAside(path:now:)``, and `failed` where it is
    /// another program's or of a newer version.
    ///
    /// A file that is found to be damaged later, by an append, is set aside and a fresh one begun, so that calls go on:
    /// `onDamage` is told where it went.
    public init(
        path: String, durability: LogDurability, pool: LogExecutorPool, now: @escaping @Sendable () -> Timestamp,
        onDamage: @escaping @Sendable (_ setAsideAs: String) -> Void = { _ in }
    ) async throws(EventLogError) {
        let start = Self.freshStart(now())
        let executor = pool.makeExecutor()
        let (file, span, version) = try await executor.run {
            LogFile.result {
                let file = try LogFile(path: path, durability: durability, startingAfter: start)
                let (span, version) = try file.access { (try LogSpan(reading: $0).bounds, try $0.dataVersion()) }
                return (file, span, version)
            }
        }
        self.executor = executor
        self.path = path
        self.durability = durability
        self.now = now
        self.onDamage = onDamage
        self.file = file
        self.span = span
        dataVersion = version
    }

    private static func freshStart(_ now: Timestamp) -> Position { Position(max(0, now.milliseconds) * 1000) }

    // MARK: Appending

    public func append(_ entries: [LogEntry]) async throws(EventLogError) -> Position {
        guard !entries.isEmpty else { throw EventLogError(.failed, "an append without entries") }
        let result = await withCheckedContinuation { done in
            pending.append(Append(entries: entries, done: done))
            // Behind the appends that are in line already: they go into the same commit.
            if pending.count == 1 { executor.enqueue { self.assumeIsolated { $0.flush() } } }
        }
        return try result.get()
    }

    private func flush() {
        let appends = pending
        pending = []
        for (append, result) in zip(appends, commit(appends.map(\.entries))) {
            append.done.resume(returning: result)
        }
        // Only now: nobody waits for it but those who come next.
        if checkpoints.isDue, let file { checkpoints.run(on: file) }
    }

    /// Together, and only where that fails one by one, so that an append fails for its own reasons alone.
    private func commit(_ appends: [[LogEntry]]) -> [Result<Position, EventLogError>] {
        do {
            return try write(appends).map { .success($0) }
        } catch {
            if error.code == .corrupt, beginAnew() { return commit(appends) }
            if appends.count == 1 { return [.failure(error)] }
            return appends.flatMap { commit([$0]) }
        }
    }

    /// Sets the damaged file aside and begins a fresh one; false where that cannot be done, or has just been done: a
    /// disk that damages everything is not helped so.
    private func beginAnew() -> Bool {
        guard !isFresh else { return false }
        // Closing may fail for the same reason: the file is let go of anyhow.
        try? file?.close()
        file = nil
        guard let aside = try? Self.setAside(path: path, now: now()) else { return false }
        isFresh = true
        onDamage(aside)
        return (try? reopen()) != nil
    }

    /// Positions go on beyond all that were given away.
    private func reopen() throws(EventLogError) {
        let start = Position(max(span.newest.rawValue, Self.freshStart(now()).rawValue))
        let fresh = try LogFile.result {
            try LogFile(path: path, durability: durability, startingAfter: start)
        }.get()
        (span, dataVersion) = try fresh.access { (try LogSpan(reading: $0).bounds, try $0.dataVersion()) }
        file = fresh
    }

    private func write(_ appends: [[LogEntry]]) throws(EventLogError) -> [Position] {
        var firsts: [Position] = []
        try transaction { db in
            var next = span.newest.rawValue + 1
            for entries in appends {
                try LogWriting.insert(entries, at: next, in: db)
                firsts.append(Position(next))
                next += Int64(entries.count)
            }
            return LogBounds(oldest: span.oldest, newest: Position(next - 1))
        }
        checkpoints.count(entries: appends.reduce(0) { $0 + $1.count })
        isFresh = false
        return firsts
    }

    /// Runs `body` in a transaction; what it returns are the bounds from then on.
    private func transaction(_ body: (Database) throws -> LogBounds) throws(EventLogError) {
        span = try opened().access { db in
            try db.atomically {
                try catchUp(db)
                return try body(db)
            }
        }
    }

    /// A command beside the daemon may have written: positions go on after its own.
    private func catchUp(_ db: Database) throws {
        let version = try db.dataVersion()
        if version == dataVersion { return }
        span = try LogSpan(reading: db).bounds
        dataVersion = version
    }

    private func opened() throws(EventLogError) -> LogFile {
        if file == nil, !isClosed { try reopen() }
        guard let file else { throw EventLogError(.closed, "the log is closed") }
        return file
    }

    /// Commits what is pending, and closes the file. Everything after it throws `closed`.
    public func close() throws(EventLogError) {
        guard let file else { return }
        if !pending.isEmpty { flush() }
        isClosed = true
        self.file = nil
        try file.close()
    }

    // MARK: Reading

    public func bounds() throws(EventLogError) -> LogBounds {
        try opened().access { try catchUp($0) }
        return span
    }

    public func entries(_ selection: LogSelection, after position: Position?, limit: Int) throws(EventLogError)
        -> [RecordedEntry]
    {
        try opened().access { try LogReading.entries(selection, after: position, limit: limit, in: $0) }
    }

    public func recentCalls(before position: Position?, limit: Int) throws(EventLogError) -> [RecordedEntry] {
        try opened().access { try LogReading.recentCalls(before: position, limit: limit, in: $0) }
    }

    public func mark(_ name: String) throws(EventLogError) -> [UInt8]? {
        try opened().access { try LogReading.mark(name, in: $0) }
    }

    // MARK: Changing

    public func setMark(_ name: String, _ value: [UInt8]?) throws(EventLogError) {
        try transaction { db in
            try LogWriting.setMark(name, value, in: db)
            return span
        }
    }

    public func held(agent: Extension) throws(EventLogError) -> [RecordedEntry] {
        try opened().access { try LogReading.held(agent: agent, in: $0) }
    }

    public func release(_ positions: [Position]) throws(EventLogError) {
        guard !positions.isEmpty else { return }
        try transaction { db in
            try LogWriting.release(positions, in: db)
            return span
        }
    }

    /// Goes from the oldest on, in small transactions that let appends in between, and ends at the first stretch of
    /// entries that has none to remove: an old entry among newer ones may outlive them by one trim.
    public func trim(before moment: Timestamp) async throws(EventLogError) -> Int {
        var removed = 0
        var next = Int64(0)
        while let stretch = try trimStretch(from: next, before: moment) {
            removed += stretch.count
            next = stretch.end + 1
            await Task.yield()
        }
        return removed
    }

    /// The span is written down first: should the newest entry go, its position must not be given away again.
    public func removeDeadLetters(at positions: [Position]) throws(EventLogError) -> [Position] {
        var removed: [Position] = []
        try transaction { db in
            try LogSpan(bounds: span).store(in: db)
            removed = try LogWriting.removeDeadLetters(at: Set(positions).sorted(), in: db)
            return span
        }
        checkpoints.count(entries: removed.count)
        return removed
    }

    private static let stretch = 500

    private func trimStretch(from first: Int64, before moment: Timestamp) throws(EventLogError) -> (
        count: Int, end: Int64
    )? {
        var result: (count: Int, end: Int64)?
        try transaction { db in
            guard let end = try LogReading.position(Self.stretch, from: first, in: db),
                let removed = try LogWriting.remove(before: moment, within: first...end, in: db)
            else { return span }
            result = (removed.count, end)
            let oldest = max(span.oldest.rawValue, removed.highest + 1)
            let bounds = LogBounds(oldest: Position(oldest), newest: span.newest)
            try LogSpan(bounds: bounds).store(in: db)
            return bounds
        }
        checkpoints.count(entries: result?.count ?? 0)
        return result
    }

    /// Lets the file grow no further than this many of its pages, so that tests can fill it.
    func limitPages(to count: Int) throws(EventLogError) {
        try opened().access { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
    }
}
