public import CTICore
public import Hiredis
public import Logging

/// One tenant at work: takes notifications in, decides, records, and only then delivers.
///
///     take ─▶ decode ─▶ track ─▶ resolve ─▶ plan ─▶ outbox ─▶ log ─▶ streams
///                                    sessions, acks ──┘        └─▶ source goes on
///
/// It runs on the loop of its source, so that a batch is decoded and planned where its reply arrived. Everything that
/// happens is put into the outbox in order; one commit takes whatever has gathered while the last one was under way.
/// A log that cannot be written stops all of it, the fetching too: nothing is popped into the void.
public actor TenantDesk {
    public nonisolated let id: TenantID
    public nonisolated let loop: RedisEventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let log: any EventLog
    public nonisolated let logger: Logger
    let now: @Sendable () -> Timestamp
    let decoder: NotificationDecoder
    let callWords: CallWords
    var sessionsPerAgent: Int

    var profile: TenantProfile { planner.profile }
    var planner: Planner
    var contacts: any ContactDirectory
    var lookup: (any ContactLookup)?
    var lanes = Lanes()
    /// Questions on their way to ``run()``, which lets them be asked; no more than the lanes hold.
    let requests = AsyncStream.makeStream(of: LookupRequest.self)
    var tracker = CallTracker()
    var agents: [Extension: AgentDesk] = [:]
    /// Of calls under way, those whom agents chose among several.
    var chosenContacts: [CallRef: Contact] = [:]
    /// As the PBX told since the start; before that nothing is known.
    var agentStates: [Extension: AgentState] = [:]
    var streams: [SessionID: OpenStream] = [:]
    var boards: Set<SessionID> = []
    /// Held entries that were told to an agent's sessions, as of the last log-in: their recording may be under way.
    var handedOver: [Extension: Set<Position>] = [:]
    var outbox = Outbox()
    /// Who are told each time something was recorded.
    var followers: [AsyncStream<Position>.Continuation] = []
    var couriers: [SinkCourier] = []
    /// The last position that was recorded and delivered.
    var head = Position(0)
    public internal(set) var counters = DeskCounters()

    var lists: DeskLists
    var channels = DeskChannels()
    var reports = DeskReports()
    var logFailure: EventLogError?
    /// When recording last went a step on: begun, failed, tried again. `nil` while nothing is being recorded.
    var recordTurnedAt: ContinuousClock.Instant?
    /// When last a call left its lane, or a source began to wait for that.
    var laneTurnedAt = ContinuousClock.now
    var state = Readiness.State.starting
    var stateSince: Timestamp
    /// Received and not decided when an earlier process ended.
    var undecided: [Undecided] = []
    private var committer: CheckedContinuation<Void, Never>?
    /// Sleeps between two tries to write the log.
    private var retrier: CheckedContinuation<Void, Never>?
    private(set) var isStopping = false
    /// A log that cannot be written is not waited for any more.
    private(set) var isGivingUp = false
    /// All is recorded, and nothing will be any more.
    private(set) var isOver = false
    private var isCommitting = false
    /// Those of the commit under way who wait for no log that cannot be written.
    private var hasty: [CheckedContinuation<Void, Never>] = []
    /// Those of the commit under way who wait for it, however long that takes.
    private var patient: [CheckedContinuation<Void, Never>] = []
    /// Their batch is recorded, but the lanes are full.
    private(set) var heldSources: [RedisListSource] = []

    /// Calls without an end are looked for so often.
    private static let silenceInterval = Duration.seconds(60)

    public init(
        profile: TenantProfile, log: any EventLog, contacts: any ContactDirectory = EmptyContactDirectory(),
        lookup: (any ContactLookup)? = nil, inHand: any InHandStore = NoInHandStore(),
        cdrInHand: any InHandStore = NoInHandStore(), loop: RedisEventLoop, logger: Logger,
        payloadLimit: Int = 65_536, sessionsPerAgent: Int = 8, revealsNumbers: Bool = false,
        now: @escaping @Sendable () -> Timestamp
    ) {
        id = profile.id
        planner = Planner(profile)
        self.log = log
        self.contacts = contacts
        self.lookup = lookup
        lists = DeskLists(inbound: inHand, cdr: cdrInHand)
        self.loop = loop
        var logger = logger
        logger[metadataKey: "tenant"] = "\(profile.id)"
        self.logger = logger
        callWords = CallWords(for: logger, isRevealing: revealsNumbers)
        self.now = now
        self.sessionsPerAgent = sessionsPerAgent
        decoder = NotificationDecoder(limit: payloadLimit)
        stateSince = now()
    }

    /// A reload: what is under way keeps what was decided.
    public func adopt(
        _ profile: TenantProfile, contacts: any ContactDirectory, lookup: (any ContactLookup)? = nil,
        sessionsPerAgent: Int
    ) {
        planner = Planner(profile)
        self.contacts = contacts
        self.lookup = lookup
        self.sessionsPerAgent = sessionsPerAgent
    }

    /// Other lists are read from now on. What was fetched from the former ones is to be recorded before.
    ///
    /// - Parameter cdrInHand: `nil` where records were read before and still are.
    public func changeLists(cdrInHand: (any InHandStore)?) {
        lists = DeskLists(inbound: lists.inHand(of: .inbound), cdr: cdrInHand ?? lists.inHand(of: .cdr))
        channels = DeskChannels()
        agentStates = [:]
        reports.startedAt = .now
        if state != .stopping { setState(.starting) }
    }

    /// The directory as `newest` has it when its turn comes, between two calls: of two that are on their way here the
    /// last to be made stays, whichever comes last.
    public func adopt(contacts newest: @Sendable () -> any ContactDirectory) { contacts = newest() }

    // MARK: Recording and delivering

    /// Records and delivers until ``stop()`` was called and everything is out.
    public func run() async {
        // Discarding: a group that keeps what its tasks return grows with every look-up.
        await withDiscardingTaskGroup { group in
            watchForSilentCalls()
            group.addTask {
                await self.commitAll()
                self.requests.continuation.finish()
            }
            for await request in requests.stream { group.addTask { await self.ask(request) } }
            // Nobody waits for their answers any more.
            group.cancelAll()
        }
        for stream in streams.values { stream.outlet.finish(retryAfter: .seconds(1)) }
        dismissFollowers()
    }

    private func watchForSilentCalls() {
        loop.schedule(at: .now + Self.silenceInterval) { [weak self] in
            self?.assumeIsolated { desk in
                guard !desk.isStopping else { return }
                desk.endSilentCalls(at: desk.now())
                desk.watchForSilentCalls()
            }
        }
    }

    private func commitAll() async {
        while true {
            if outbox.isEmpty {
                if isStopping, lanes.isEmpty {
                    isOver = true
                    break
                }
                await withCheckedContinuation { committer = $0 }
                continue
            }
            await commit(outbox.takeAll())
        }
    }

    /// What was taken is still recorded and delivered. Sources are to be stopped before.
    public func stop() {
        isStopping = true
        setState(.stopping)
        giveUpWaiting()
        wakeCommitter()
    }

    /// The daemon is about to stop: from now on a log that cannot be written is tried once more and then left alone.
    public func giveUpWaiting() {
        isGivingUp = true
        retrier?.resume()
        retrier = nil
    }

    func wakeCommitter() {
        committer?.resume()
        committer = nil
    }

    /// Comes back once what is in the outbox now is recorded, or cannot be.
    public func recorded() async {
        guard !outbox.isEmpty || isCommitting, !isOver else { return }
        await withCheckedContinuation { continuation in
            // What was taken out of it may still be on its way into the log.
            if outbox.isEmpty { return patient.append(continuation) }
            outbox.tellAfterwards(continuation)
            wakeCommitter()
        }
    }

    /// The same, but comes back as soon as the log fails, too: it may do so for long, and is tried again without us.
    ///
    /// With nothing in the outbox it waits for the commit under way: what was repeated may be in that one.
    func recordedUnlessFailing() async {
        guard !outbox.isEmpty || isCommitting, !isOver, logFailure == nil else { return }
        await withCheckedContinuation { continuation in
            if outbox.isEmpty { return hasty.append(continuation) }
            outbox.tellHastily(continuation)
            wakeCommitter()
        }
    }

    private func tellHasty() {
        for waiter in hasty + outbox.takeHasty() { waiter.resume() }
        hasty = []
    }

    private func commit(_ pending: Outbox) async {
        hasty = pending.hasty
        isCommitting = true
        defer {
            isCommitting = false
            for waiter in pending.waiters + hasty + patient { waiter.resume() }
            (hasty, patient) = ([], [])
        }
        guard let first = await record(pending.items.map(\.entry)) else { return }
        counters.commits += 1
        note(pending.batches)
        deliver(pending.items, from: first)
        head = Position(first.rawValue + Int64(pending.items.count) - 1)
        ringFollowers()
        goOn(pending.batches.map(\.source))
    }

    private func note(_ batches: [Outbox.Batch]) {
        guard !batches.isEmpty else { return }
        let moment = ContinuousClock.now
        for batch in batches {
            counters.recording[batch.source.feed, default: Timings()]
                .add(batch.takenAt.duration(to: moment), count: batch.count)
        }
    }

    /// What these sources handed over is in the log.
    func goOn(_ sources: [RedisListSource]) {
        guard !sources.isEmpty else { return }
        for source in sources { lists.inHand(of: source.feed).recorded() }
        guard lanes.count < Self.laneLimit else {
            heldSources += sources
            laneTurnedAt = .now
            return
        }
        for source in sources { source.onLoop { $0.recorded() } }
    }

    /// The lanes have room again.
    func releaseHeldSources() {
        let sources = heldSources
        heldSources = []
        for source in sources { source.onLoop { $0.recorded() } }
    }

    /// Tries until it is done. `nil` where the log is closed for good, or the daemon is about to stop.
    private func record(_ entries: [LogEntry]) async -> Position? {
        var backOff = BackOff()
        defer { recordTurnedAt = nil }
        while true {
            recordTurnedAt = .now
            do throws(EventLogError) {
                let first = try await log.append(entries)
                if logFailure != nil { logger.notice("the event log can be written again") }
                logFailure = nil
                return first
            } catch {
                recordTurnedAt = .now
                counters.recordFailures += 1
                if logFailure?.code != error.code { logger.error("\(error); nothing is fetched meanwhile") }
                logFailure = error
                lists.waitForLog()
                tellHasty()
                guard error.isRetriable, !isGivingUp else { return nil }
                await pause(for: backOff.next())
            }
        }
    }

    private func pause(for delay: Duration) async {
        await withCheckedContinuation { continuation in
            retrier = continuation
            loop.schedule(at: .now + delay) { [weak self] in self?.assumeIsolated { $0.endPause() } }
        }
    }

    private func endPause() {
        retrier?.resume()
        retrier = nil
    }

    private func deliver(_ items: [Outbox.Item], from first: Position) {
        // In one go for each stream, but in the order of the log for a client that has two.
        var lines: [ObjectIdentifier: [(session: SessionID, frames: [Frame])]] = [:]
        let moment = now()
        for (offset, item) in items.enumerated() where item.recipient != .nobody {
            let position = Position(first.rawValue + Int64(offset))
            let plain = Frame(id: position, event: item.entry.kind.frameName, data: item.entry.data)
            for session in recipients(item.recipient, at: moment) {
                guard let stream = streams[session],
                    let frame = stream.dialect == .ctid
                        ? plain : Frame(item.entry, at: position, in: translation(to: stream.dialect))
                else { continue }
                lines[stream.outlet.line, default: []].add(frame, for: session)
            }
        }
        for runs in lines.values {
            for run in runs { streams[run.session]?.send(run.frames) }
        }
    }

    private func recipients(_ recipient: Outbox.Recipient, at moment: Timestamp) -> [SessionID] {
        switch recipient {
        case .nobody: []
        case .everySession(let agent): agents[agent]?.sessionIDs ?? []
        case .session(let session, let pop, let agent):
            isToBeSent(pop, to: session, of: agent, at: moment) ? [session] : []
        case .boards: Array(boards)
        }
    }

    /// A pop that waited for the log may have become pointless, or too old: a dead call takes no screen.
    private func isToBeSent(_ pop: PopID, to session: SessionID, of agent: Extension, at moment: Timestamp) -> Bool {
        switch agents[agent]?.deliver(pop, to: session, at: moment) {
        case .send(let wakeAt):
            scheduleWake(pop, agent: agent, in: wakeAt.since(moment))
            return true
        case .missed(let output):
            counters.pops[.expired, default: 0] += 1
            perform([output], agent: agent, at: moment)
            return false
        case .drop, nil:
            return false
        }
    }

    // MARK: State

    func setState(_ state: Readiness.State) {
        guard self.state != state else { return }
        self.state = state
        stateSince = now()
    }
}

extension LogEntry.Kind {
    /// The `event:` of its frames.
    public var frameName: String {
        switch self {
        case .call: "call"
        case .pop: "pop"
        case .clear: "clear"
        case .missed: "missed"
        case .realtime: "RealtimeCTI"
        case .ack: "ack"
        case .deadLetter: "dead-letter"
        case .received: "received"
        case .agentState: "agent-state"
        case .delivery: "delivery"
        }
    }
}

extension [(session: SessionID, frames: [Frame])] {
    /// To the last run, where that is the session's, too.
    fileprivate mutating func add(_ frame: Frame, for session: SessionID) {
        if last?.session == session {
            self[count - 1].frames.append(frame)
        } else {
            append((session, [frame]))
        }
    }
}
