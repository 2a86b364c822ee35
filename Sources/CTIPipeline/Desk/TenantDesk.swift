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
    let sessionsPerAgent: Int

    var profile: TenantProfile
    var contacts: any ContactDirectory
    var tracker = CallTracker()
    var agents: [Extension: AgentDesk] = [:]
    var streams: [SessionID: OpenStream] = [:]
    var boards: Set<SessionID> = []
    var outbox = Outbox()
    /// The last position that was recorded and delivered.
    var head = Position(0)
    public internal(set) var counters = DeskCounters()

    weak var source: RedisListSource?
    var reports = DeskReports()
    var logFailure: EventLogError?
    var state = Readiness.State.starting
    var stateSince: Timestamp
    private var committer: CheckedContinuation<Void, Never>?
    private var isStopping = false

    public init(
        profile: TenantProfile, log: any EventLog, contacts: any ContactDirectory = EmptyContactDirectory(),
        loop: RedisEventLoop, logger: Logger, payloadLimit: Int = 65_536, sessionsPerAgent: Int = 8,
        now: @escaping @Sendable () -> Timestamp
    ) {
        id = profile.id
        self.profile = profile
        self.log = log
        self.contacts = contacts
        self.loop = loop
        var logger = logger
        logger[metadataKey: "tenant"] = "\(profile.id)"
        self.logger = logger
        self.now = now
        self.sessionsPerAgent = sessionsPerAgent
        decoder = NotificationDecoder(limit: payloadLimit)
        stateSince = now()
    }

    /// A reload: what is under way keeps what was decided.
    public func adopt(_ profile: TenantProfile, contacts: any ContactDirectory) {
        self.profile = profile
        self.contacts = contacts
    }

    // MARK: Recording and delivering

    /// Records and delivers until ``stop()`` was called and everything is out.
    public func run() async {
        while true {
            if outbox.isEmpty {
                if isStopping { break }
                await withCheckedContinuation { committer = $0 }
                continue
            }
            await commit(outbox.takeAll())
        }
        for stream in streams.values { stream.outlet.finish(retryAfter: .seconds(1)) }
    }

    /// What was taken is still recorded and delivered. Sources are to be stopped before.
    public func stop() {
        isStopping = true
        setState(.stopping)
        wakeCommitter()
    }

    func wakeCommitter() {
        committer?.resume()
        committer = nil
    }

    private func commit(_ pending: Outbox) async {
        guard let first = await record(pending.items.map(\.entry)) else { return }
        counters.commits += 1
        deliver(pending.items, from: first)
        head = Position(first.rawValue + Int64(pending.items.count) - 1)
        goOn(pending.sources)
    }

    private func goOn(_ sources: [RedisListSource]) {
        for source in sources { source.assumeIsolated { $0.recorded() } }
    }

    /// Tries until it is done. `nil` only where the log is closed for good.
    private func record(_ entries: [LogEntry]) async -> Position? {
        var backOff = BackOff()
        while true {
            do throws(EventLogError) {
                let first = try await log.append(entries)
                if logFailure != nil { logger.notice("the event log can be written again") }
                logFailure = nil
                return first
            } catch {
                counters.recordFailures += 1
                if logFailure?.code != error.code { logger.error("\(error); nothing is fetched meanwhile") }
                logFailure = error
                guard error.isRetriable, !isStopping else { return nil }
                await loop.sleep(until: .now + backOff.next())
            }
        }
    }

    private func deliver(_ items: [Outbox.Item], from first: Position) {
        var frames: [SessionID: [Frame]] = [:]
        for (offset, item) in items.enumerated() where item.recipient != .nobody {
            let position = Position(first.rawValue + Int64(offset))
            let frame = Frame(id: position, event: item.entry.kind.frameName, data: item.entry.data)
            for session in recipients(item.recipient) { frames[session, default: []].append(frame) }
        }
        for (session, frames) in frames { streams[session]?.send(frames) }
    }

    private func recipients(_ recipient: Outbox.Recipient) -> [SessionID] {
        switch recipient {
        case .nobody: []
        case .everySession(let agent): agents[agent]?.sessionIDs ?? []
        case .session(let session): [session]
        case .boards: Array(boards)
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
        }
    }
}
