import CTICore
import CTIPipeline

/// One tenant's boards: follows its log and its desk while at least one of them is open, and tells all the same.
///
///     log ── pages ──▶ BoardLog ─┐
///                                ├─▶ picture ── snapshot to who comes, delta to who is there ──▶ mailboxes
///     desk ── presence ──────────┘         at most twice a second
///
/// Nothing of the way of a call waits for it: the desk answers one question a beat, the log gives pages to it as to any
/// reader. A board that comes back begins anew with a snapshot, so no frames are kept for those who are gone.
actor BoardFeed {
    let id: TenantID
    private let tenant: @Sendable () -> HubTenant?
    private let now: @Sendable () -> Timestamp
    private var outlets: [SessionID: any FrameOutlet] = [:]
    private var isRunning = false
    private var sequence: Int64 = 0

    // Of the tenant that is followed; another one of the same name begins anew.
    private var gateway: (any TenantGateway)?
    private var log: BoardLog?
    /// Calls that nobody has told of since the boards opened are known from then on.
    private var hasAskedForAll = false
    private var problem: String?
    private var picture: BoardPicture?
    private var lastPresence: BoardPresence?
    private var lastShown: [BoardPresence.UnderWay] = []

    /// Pages of the log that are read in one beat of a board that is up to date.
    private static let pagesPerBeat = 40
    /// So long what was read is kept for a page that is loaded anew, or a script that comes again.
    private static let idleBeats = 60

    init(id: TenantID, now: @escaping @Sendable () -> Timestamp, tenant: @escaping @Sendable () -> HubTenant?) {
        self.id = id
        self.now = now
        self.tenant = tenant
    }

    /// Whether ``run(every:)`` is to be called.
    func mustRun() -> Bool {
        guard !isRunning, !outlets.isEmpty else { return false }
        isRunning = true
        return true
    }

    /// Whether there is a picture that who comes is given at once.
    var isShowing: Bool { picture != nil }

    func open(_ outlet: any FrameOutlet) -> SessionID {
        let board = SessionID.random()
        outlets[board] = outlet
        var frames = [frame("hello", hello(board))]
        if let picture { frames.append(frame("snapshot", picture.snapshot)) }
        outlet.send(frames)
        return board
    }

    func close(_ board: SessionID) { outlets[board] = nil }

    /// Until the last board has gone and none has come for a while. Meanwhile nobody is asked anything.
    func run(every beat: Duration) async {
        var idleBeats = 0
        while idleBeats < Self.idleBeats || !outlets.isEmpty, !Task.isCancelled {
            if outlets.isEmpty { rest(&idleBeats) } else { await tick() }
            if !outlets.isEmpty { idleBeats = 0 }
            try? await Task.sleep(for: beat)
        }
        forget()
        isRunning = false
    }

    /// Whoever comes is given a picture of then, not of now.
    private func rest(_ idleBeats: inout Int) {
        idleBeats += 1
        picture = nil
    }

    /// One look at the tenant. Everybody is told what is new.
    func tick() async {
        guard let tenant = tenant() else { return finishAll() }
        adopt(tenant)
        let isNews = await readLog()
        // A log that cannot be read tells of no new calls.
        let isComplete = hasAskedForAll && problem == nil
        let known = isComplete ? log.map { Array($0.notes.keys) } : nil
        let presence = await tenant.gateway.boardPresence(of: known)
        guard presence.readiness.state != .stopping, log != nil else { return finishAll() }
        hasAskedForAll = true
        let calls = BoardCalls(presence.calls)
        log?.remember(calls.remembered)
        guard let log else { return }
        guard isNews || picture == nil || !isSame(presence, calls.shown) else { return }
        (lastPresence, lastShown) = (presence, calls.shown)
        show(BoardPicture(presence, calls: calls.shown, log: log, problem: problem, at: now()))
    }

    private func isSame(_ presence: BoardPresence, _ shown: [BoardPresence.UnderWay]) -> Bool {
        guard let last = lastPresence else { return false }
        // Seconds since an answer change all the time, and are not shown.
        return last.readiness.state == presence.readiness.state && last.readiness.reason == presence.readiness.reason
            && last.agents == presence.agents && lastShown == shown && last.queues == presence.queues
            && last.displayName == presence.displayName
    }

    private func adopt(_ tenant: HubTenant) {
        if let gateway, (gateway as AnyObject) === (tenant.gateway as AnyObject) { return }
        forget()
        gateway = tenant.gateway
        log = BoardLog(tenant.log)
    }

    private func forget() {
        (gateway, log, problem, picture, lastPresence) = (nil, nil, nil, nil, nil)
        (hasAskedForAll, lastShown) = (false, [])
    }

    /// Whether anything is to be shown anew. A log that cannot be read is shown as what it is, not as an empty board.
    private func readLog() async -> Bool {
        guard var log else { return false }
        // Alone with it: an hour's memory is not to be copied at each beat.
        self.log = nil
        let former = problem
        var isNews = false
        do throws(EventLogError) {
            // At first all of the hour, then only as much as a beat has time for.
            var pages = picture == nil ? Int.max : Self.pagesPerBeat
            while pages > 0 {
                pages -= 1
                let read = try await log.read(at: now())
                isNews = isNews || read.isNews
                guard read.isBehind, !outlets.isEmpty else { break }
            }
            problem = nil
        } catch {
            problem = "\(error)"
        }
        self.log = log
        return isNews || problem != former
    }

    private func show(_ new: BoardPicture) {
        defer { picture = new }
        guard let picture else { return tell(frame("snapshot", new.snapshot)) }
        if let delta = new.delta(since: picture) { tell(frame("delta", delta)) }
    }

    private func tell(_ frame: Frame) { for outlet in outlets.values { outlet.send([frame]) } }

    /// The tenant is gone, or about to go: boards come back, and find it or not.
    private func finishAll() {
        for outlet in outlets.values { outlet.finish(retryAfter: .seconds(2)) }
        forget()
    }

    private func frame(_ event: String, _ data: [UInt8]) -> Frame {
        sequence += 1
        return Frame(id: Position(sequence), event: event, data: data)
    }

    private func hello(_ board: SessionID) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("session", board.rawValue)
            $0.member("tenant", id.rawValue)
            $0.member("at", now().milliseconds)
        }
        return json.bytes
    }
}
