public import CTICore
public import Logging
import Synchronization

/// Takes what the log tells to one sink, from its place on: live, and after an outage or a restart.
///
///     desk ─ "recorded up to 7" ─▶ courier ─ read ─▶ SinkQueue ─ deliver ─▶ Sink
///                                     ▲                            │
///       place, deliveries, dead letters in the log ◀── settled ────┘
///
/// The log is its buffer: in memory it holds ``SinkQueue/room`` messages at most, whatever waits. So nothing is lost while
/// a receiver is away, but what is older than the sink's time to live, which is kept as a dead letter. Nothing here ever
/// makes a call, or another sink, wait.
public actor SinkCourier {
    public nonisolated let name: SinkName
    private nonisolated let sink: any Sink
    private let log: any EventLog
    private let desk: any SinkDesk
    private let logger: Logger
    private let now: @Sendable () -> Timestamp

    private var queue: SinkQueue
    /// All up to here was read.
    private var read = Position(0)
    /// All up to here was recorded.
    private var head = Position(0)
    private var isReading = false
    /// Entries have waited in the log since there was no room for them: some may have been trimmed.
    private var isHeldUp = false
    private var isKeepingBooks = false
    private var isPlaceDirty = false
    private var placeKeptAt = ContinuousClock.now
    private var settled: [LogEntry] = []
    private var wakeAt: ContinuousClock.Instant?
    /// Until when it may still deliver; `nil` as long as the tenant is there.
    private var deadline: ContinuousClock.Instant?
    private var hasEnded = false
    private var endWaiters: [CheckedContinuation<Void, Never>] = []
    private let work = AsyncStream.makeStream(of: Work.self)
    private let shown: Mutex<SinkStatus>
    private var lost = Gathering()

    private enum Work: Sendable {
        case deliver(SinkMessage)
        case read
        case keepBooks
        case sleep(until: ContinuousClock.Instant)
    }

    public init(
        _ sink: any Sink, log: any EventLog, desk: any SinkDesk, logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.sink = sink
        self.log = log
        self.desk = desk
        self.now = now
        name = sink.name
        var logger = logger
        logger[metadataKey: "sink"] = "\(sink.name)"
        self.logger = logger
        queue = SinkQueue(sink.settings)
        shown = Mutex(SinkStatus(name: sink.name))
    }

    /// How the sink is now; of any thread.
    public nonisolated var status: SinkStatus {
        var status = shown.withLock { $0 }
        status.counts = sink.counts()
        return status
    }

    private var markName: String { Self.markName(name.description) }

    private static func markName(_ name: String) -> String { "sink \(name)" }

    /// Forgets the places of sinks that are no longer among `names`: one that comes back one day is a new one, and is not
    /// told what happened while nobody wanted it told.
    public static func forgetOthers(than names: [SinkName], in log: any EventLog) async throws(EventLogError) {
        let now = Set(names.map(\.description))
        let before =
            try await log.mark("sinks").map { String(decoding: $0, as: UTF8.self).split(separator: "\n") } ?? []
        for name in before.map(String.init) where !now.contains(name) { try await log.setMark(markName(name), nil) }
        guard now != Set(before.map(String.init)) else { return }
        try await log.setMark("sinks", Array(now.sorted().joined(separator: "\n").utf8))
    }

    // MARK: Its place

    /// Finds its place in the log. To be called before anything new is recorded: a sink that is configured for the first
    /// time begins here, and is not told what was before.
    public func prepare() async throws(EventLogError) {
        let bounds = try await log.bounds()
        head = bounds.newest
        guard let place = try await log.mark(markName).flatMap({ SinkPlace(json: $0) }) else {
            read = bounds.newest
            return try await log.setMark(markName, SinkPlace(read: read).json)
        }
        read = min(Position(place.read), bounds.newest)
        noteGap(bounds)
        for position in place.open { try await takeUp(Position(position)) }
        show()
    }

    private func noteGap(_ bounds: LogBounds) {
        guard !bounds.reachesBack(to: read) else { return }
        read = Position(bounds.oldest.rawValue - 1)
        shown.withLock { $0.gaps += 1 }
        logger.warning("\(name): what happened before \(bounds.oldest) is not in the event log any more: passed over")
    }

    private func takeUp(_ position: Position) async throws(EventLogError) {
        let before = Position(position.rawValue - 1)
        guard let found = try await log.entries(sink.selection, after: before, limit: 1).first,
            found.position == position, let message = sink.message(for: found)
        else { return }
        queue.add([message])
    }

    // MARK: At work

    /// Until ``finish(within:)``, or cancelled.
    public func run() async {
        let bell = await desk.follow()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sink.run() }
            group.addTask { for await head in bell { await self.heard(head) } }
            drive()
            for await work in work.stream { group.addTask { await self.perform(work) } }
            group.cancelAll()
        }
        hasEnded = true
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
    }

    /// The tenant stops: what can be delivered now still is; the rest is, after the next start. Comes back when ``run()``
    /// has ended.
    public func finish(within time: Duration) async {
        let deadline = ContinuousClock.now + time
        // The bell may still be on its way here.
        if let newest = try? await log.bounds().newest { head = max(head, newest) }
        self.deadline = deadline
        isPlaceDirty = true
        work.continuation.yield(.sleep(until: deadline))
        drive()
        guard !hasEnded else { return }
        await withCheckedContinuation { endWaiters.append($0) }
    }

    private func heard(_ position: Position) {
        head = max(head, position)
        drive()
    }

    private func perform(_ work: Work) async {
        switch work {
        case .deliver(let message): await deliver(message)
        case .read: await readOn()
        case .keepBooks: await keepBooks()
        case .sleep(let until):
            try? await Task.sleep(until: until, clock: .continuous)
            if wakeAt == until { wakeAt = nil }
            drive()
        }
    }

    /// Starts all that can be started now.
    private func drive() {
        // One moment for both questions: what falls due between two would be neither done nor waited for.
        let (moment, wall) = (ContinuousClock.now, now())
        take(queue.due(at: moment, wall: wall))
        if !isReading, read < head {
            isReading = queue.free >= SinkQueue.room / 2 && settled.count < 4 * SinkQueue.room
            if isReading { work.continuation.yield(.read) } else { isHeldUp = true }
        }
        if !isKeepingBooks, !settled.isEmpty || isPlaceDirty {
            isKeepingBooks = true
            work.continuation.yield(.keepBooks)
        }
        if let next = queue.nextWake(after: moment, wall: wall), wakeAt.map({ next < $0 }) ?? true {
            wakeAt = next
            work.continuation.yield(.sleep(until: next))
        }
        show()
        if let deadline, deadline <= .now || isIdle { work.continuation.finish() }
    }

    /// Nothing is under way, and nothing could be.
    private var isIdle: Bool {
        queue.underWay == 0 && !isReading && !isKeepingBooks
            && (read >= head || queue.free < SinkQueue.room / 2)
    }

    private func take(_ actions: [SinkQueue.Action]) {
        for action in actions {
            switch action {
            case .deliver(let message): work.continuation.yield(.deliver(message))
            case .settle(let settlement): settle(settlement)
            }
        }
    }

    private func deliver(_ message: SinkMessage) async {
        do throws(SinkFailure) {
            try await sink.deliver(message)
            if queue.isDown { sayUp(since: queue.downSince) }
            shown.withLock { $0.lastFailure = nil }
            take(queue.delivered(message.position))
        } catch {
            // Cut short by the end of the tenant: nobody knows, so it is sent once more.
            guard !Task.isCancelled else { return }
            fail(message, error)
        }
        drive()
    }

    private func fail(_ message: SinkMessage, _ failure: SinkFailure) {
        shown.withLock { status in
            status.failures[failure.code, default: 0] += 1
            status.lastFailure = failure
        }
        let wasDown = queue.isDown
        let downSince = queue.downSince
        take(queue.failed(message.position, failure, at: .now, wall: now()))
        if !wasDown, queue.isDown { sayDown(failure) }
        if wasDown, !queue.isDown { sayUp(since: downSince) }
    }

    private func settle(_ settlement: SinkSettlement) {
        if case .gaveUp(let code, let message) = settlement.outcome {
            shown.withLock { $0.givenUp[code, default: 0] += 1 }
            if let count = lost.add(1, at: now()) { sayLost(count, code, message) }
        } else {
            let time = max(.zero, now().since(settlement.message.at))
            shown.withLock {
                $0.delivered += 1
                $0.times.add(time)
            }
        }
        settled.append(settlement.entry(for: name, at: now()))
        isPlaceDirty = true
    }

    // MARK: The log

    private func readOn() async {
        defer {
            isReading = false
            drive()
        }
        let (limit, target) = (queue.free, head)
        do throws(EventLogError) {
            // Who reads what was just recorded comes upon no gap.
            if isHeldUp { noteGap(try await log.bounds()) }
            isHeldUp = false
            let found = try await log.entries(sink.selection, after: read, limit: limit)
            let last = found.last?.position ?? read
            read = found.count < limit ? max(target, last) : last
            queue.add(found.compactMap { sink.message(for: $0) })
            notePassing()
        } catch {
            isHeldUp = true
            logger.error("\(name): \(error); tried again in a second")
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// A sink that is seldom told anything has a place of today all the same: what is before it is none of its business,
    /// whatever its file says tomorrow.
    private func notePassing() {
        let isDue = deadline != nil || .now - placeKeptAt > .seconds(60)
        if queue.count == 0, isDue { isPlaceDirty = true }
    }

    /// Records what is settled, then the place, so that nothing is passed over that is not recorded.
    private func keepBooks() async {
        while !settled.isEmpty || isPlaceDirty {
            let (entries, place) = (settled, SinkPlace(read: read, open: queue.open))
            settled = []
            isPlaceDirty = false
            placeKeptAt = .now
            if !entries.isEmpty { await desk.record(entries) }
            // Not written, the next settlement writes it; a restart before that makes repeats.
            try? await log.setMark(markName, place.json)
        }
        isKeepingBooks = false
        drive()
    }

    // MARK: What is said of it

    private func show() {
        shown.withLock {
            $0.waiting = queue.count
            $0.waitingSince = queue.oldest
            $0.downSince = queue.downSince
        }
    }

    private func sayDown(_ failure: SinkFailure) {
        logger.warning(
            """
            \(name) takes nothing (\(failure)): tried again and again; what happens meanwhile waits in the event log, for \
            \(sink.settings.ttl.inWords) at most
            """)
    }

    private func sayUp(since downSince: Timestamp?) {
        let lasted = downSince.map { now().since($0).inWords } ?? "a while"
        logger.notice("\(name) takes events again, after \(lasted)")
    }

    private func sayLost(_ count: Int, _ code: String, _ message: String) {
        let what = count == 1 ? "an event was" : "\(count) events were"
        logger.warning("\(name): \(what) not delivered (\(code): \(message)): kept as dead letters")
    }
}
