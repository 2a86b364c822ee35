public import CTICore

/// One Server-Sent Event, or its like on another transport. Its data is JSON.
public struct Frame: Sendable, Hashable {
    /// `id:`; every frame but a comment has one.
    public var id: Position
    /// `hello`, `call`, `pop`, `clear`, `missed`, `RealtimeCTI`.
    public var event: String
    public var data: [UInt8]

    public init(id: Position, event: String, data: [UInt8]) {
        self.id = id
        self.event = event
        self.data = data
    }
}

/// The way out to one open stream. Called from the tenant's executor: it takes the frames and returns at once.
///
/// An outlet whose buffer is full ends its stream: the client comes back with `Last-Event-ID` and is sent the rest
/// from the log, so nothing is lost and nothing piles up here.
public protocol FrameOutlet: AnyObject, Sendable {
    func send(_ frames: [Frame])
    /// What it leads to: where two outlets lead to one client, their frames must reach it in the order of the log.
    var line: ObjectIdentifier { get }
    /// Sends what is buffered, then a retry hint, then closes.
    func finish(retryAfter: Duration)
}

extension FrameOutlet {
    public var line: ObjectIdentifier { ObjectIdentifier(self) }
}

public enum SessionState: String, Sendable, CaseIterable { case focused, visible, hidden }

public enum AckOutcome: String, Sendable, CaseIterable { case shown, blocked, dismissed, handled }

public struct PopAck: Sendable, Hashable {
    public var id: PopID
    public var outcome: AckOutcome
    public var session: SessionID?

    public init(id: PopID, outcome: AckOutcome, session: SessionID? = nil) {
        self.id = id
        self.outcome = outcome
        self.session = session
    }
}

/// A tenant's state for `/readyz`.
public struct Readiness: Sendable, Hashable {
    public enum State: String, Sendable { case starting, ready, degraded, failed, stopping }

    public var state: State
    public var reason: String?
    public var since: Timestamp
    /// How long the list has been silent; a healthy one answers every two seconds. `nil` where it never has answered.
    public var secondsSinceAnswer: Double?

    public init(state: State, reason: String? = nil, since: Timestamp, secondsSinceAnswer: Double? = nil) {
        self.state = state
        self.reason = reason
        self.since = since
        self.secondsSinceAnswer = secondsSinceAnswer
    }
}

/// What the hub asks of a tenant. All of it is ordered with the tenant's calls.
public protocol TenantGateway: Sendable {
    var id: TenantID { get }

    /// Opens a stream: sends `hello`, what was missed since `lastEventID`, and from then on what happens.
    ///
    /// - Parameter dialect: of the data of `call` frames. An event for which the dialect has no words is left out.
    func openSession(
        agent: Extension, lastEventID: String?, dialect: Dialect, outlet: any FrameOutlet
    ) async throws(EventLogError) -> SessionID
    func closeSession(_ session: SessionID, agent: Extension) async
    /// False where there is no such session.
    func setState(_ state: SessionState, session: SessionID, agent: Extension) async -> Bool
    /// False where there is no such pop.
    func acknowledge(_ ack: PopAck, agent: Extension) async throws(EventLogError) -> Bool

    /// Who of several is calling. Comes back once it is recorded; the call's record is offered then.
    func choose(_ choice: ContactChoice, agent: Extension) async throws(EventLogError) -> ContactChoice.Result

    /// A call event that was posted. Comes back once it is recorded; a repeat is recorded once.
    func take(_ posted: PostedEvent) async throws(EventLogError)

    /// The board's stream: `hello` and `RealtimeCTI`, resumable alike.
    func openRealtime(lastEventID: String?, outlet: any FrameOutlet) async throws(EventLogError) -> SessionID
    func closeRealtime(_ subscription: SessionID) async

    /// Who is there and which calls are under way. For a board, which asks twice a second.
    ///
    /// - Parameter refs: the calls to look at; `nil` for all, which walks over a day's calls.
    func boardPresence(of refs: [CallRef]?) async -> BoardPresence

    func readiness() async -> Readiness
    /// Whether it moves. Asked by a watchdog: who does not answer is stuck.
    func pulse() async -> TenantPulse
    func metrics() async -> TenantMetrics
}

extension TenantGateway {
    public func openSession(
        agent: Extension, lastEventID: String?, outlet: any FrameOutlet
    ) async throws(EventLogError) -> SessionID {
        try await openSession(agent: agent, lastEventID: lastEventID, dialect: .ctid, outlet: outlet)
    }
}
