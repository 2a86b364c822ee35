import CTICore
import CTIPipeline

/// A tenant that remembers what it was asked and sends what it is told.
actor FakeGateway: TenantGateway {
    nonisolated let id: TenantID
    private let greeting: [Frame]
    private let state: Readiness
    private let failure: EventLogError?
    /// Whether whoever resumes is told that nothing is missing.
    private let recovers: Bool
    private var outlets: [SessionID: any FrameOutlet] = [:]
    private var opened = 0
    private(set) var lastEventIDs: [String?] = []
    private(set) var states: [SessionState] = []
    private(set) var acks: [PopAck] = []
    private(set) var choices: [ContactChoice] = []
    private(set) var dialects: [Dialect] = []
    private(set) var posted: [PostedEvent] = []
    private(set) var closed: [SessionID] = []
    private(set) var boardQuestions: [[CallRef]?] = []
    private var presence: BoardPresence?
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []

    init(
        _ id: TenantID, greeting: [Frame] = [], state: Readiness = Readiness(state: .ready, since: .start),
        failure: EventLogError? = nil, recovers: Bool = false
    ) {
        self.recovers = recovers
        self.id = id
        self.greeting = greeting
        self.state = state
        self.failure = failure
    }

    func openSession(
        agent: Extension, lastEventID: String?, dialect: Dialect, outlet: any FrameOutlet
    ) async throws(EventLogError) -> SessionID {
        dialects.append(dialect)
        return try open(lastEventID, outlet)
    }

    func choose(_ choice: ContactChoice, agent: Extension) async throws(EventLogError) -> ContactChoice.Result {
        if let failure { throw failure }
        choices.append(choice)
        guard choice.pop == PopID("p1") else { return .noSuchPop }
        return choice.contact == "17" || choice.added != nil ? .taken : .noSuchContact
    }

    func take(_ posted: PostedEvent) async throws(EventLogError) {
        if let failure { throw failure }
        self.posted.append(posted)
    }

    func openRealtime(lastEventID: String?, outlet: any FrameOutlet) async throws(EventLogError) -> SessionID {
        try open(lastEventID, outlet)
    }

    private func open(_ lastEventID: String?, _ outlet: any FrameOutlet) throws(EventLogError) -> SessionID {
        lastEventIDs.append(lastEventID)
        if let failure { throw failure }
        opened += 1
        let session = SessionID("s\(opened)")
        outlets[session] = outlet
        let more = recovers && lastEventID != nil ? #","recovered":true"# : ""
        outlet.send(
            [Frame(id: Position(100), event: "hello", data: Array(#"{"session":"s\#(opened)"\#(more)}"#.utf8))]
                + greeting)
        return session
    }

    func closeSession(_ session: SessionID, agent: Extension) async { close(session) }
    func closeRealtime(_ subscription: SessionID) async { close(subscription) }

    private func close(_ session: SessionID) {
        closed.append(session)
        outlets[session] = nil
        for waiter in closeWaiters { waiter.resume() }
        closeWaiters = []
    }

    /// Returns when a session has been closed.
    func waitUntilClosed() async {
        guard closed.isEmpty else { return }
        await withCheckedContinuation { closeWaiters.append($0) }
    }

    func send(_ frames: [Frame]) {
        for outlet in outlets.values { outlet.send(frames) }
    }

    func setState(_ state: SessionState, session: SessionID, agent: Extension) async -> Bool {
        states.append(state)
        return session.rawValue == "s1" || session.rawValue == "with/slash"
    }

    func acknowledge(_ ack: PopAck, agent: Extension) async throws(EventLogError) -> Bool {
        acks.append(ack)
        return ack.id.rawValue == "pop-1"
    }

    func boardPresence(of refs: [CallRef]?) async -> BoardPresence {
        boardQuestions.append(refs)
        return presence ?? BoardPresence(displayName: "Acme", readiness: state)
    }

    func show(_ presence: BoardPresence) { self.presence = presence }

    func readiness() async -> Readiness { state }
    func pulse() async -> TenantPulse { TenantPulse(readiness: state) }

    func metrics() async -> TenantMetrics {
        var counters = DeskCounters()
        counters.notifications = 7
        return TenantMetrics(
            readiness: state, counters: counters, isListUp: true, secondsSinceAnswer: 1.5,
            streams: opened - closed.count)
    }
}

extension Timestamp {
    /// 2026-11-21T10:00:00Z, the moment at which tests take place.
    static let start = Timestamp(milliseconds: 1_795_255_200_000)
}

extension Frame {
    static func call(_ id: Int64, _ data: String = #"{"event":"up"}"#) -> Frame {
        Frame(id: Position(id), event: "call", data: Array(data.utf8))
    }
}
