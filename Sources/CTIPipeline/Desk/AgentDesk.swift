public import CTICore

/// The sessions and pops of one agent: who is shown what, and what becomes of it. Pure: told the time, it answers
/// with what is to be done, in order.
///
///     wanted ─▶ offered ─▶ sent ──shown──▶ shown ──handled, dismissed, ended, transferred──▶ clear to all
///                            │  ▲
///                 1.5 s or   │  │ the next session that was not tried
///                 blocked    ▼  │
///                          passed on ──nobody left──▶ kept where it is; `missed` where all refused it
///
/// One session gets a pop: the focused one, else the last focused, else the newest. It is offered when it is decided,
/// and sent once it is recorded; only then does the session's time begin. What could not be recorded while the call was
/// fresh is missed. A pop that was not acknowledged when its session went away waits for one to come while the call is
/// fresh, and then is missed.
public struct AgentDesk: Sendable {
    public struct Pop: Sendable {
        public enum Stage: Sendable, Hashable {
            case waiting
            /// `until`: the session's time to acknowledge; `nil` while it is not sent yet.
            case offered(to: SessionID, until: Timestamp?)
            /// Offered to everybody there is; it stays with the last.
            case kept
            case shown
        }

        public var frame: CallFrame
        public var stage: Stage
        /// Beyond this moment the call is no longer fresh and is not offered anew.
        public var freshUntil: Timestamp
        var tried: [SessionID] = []
        var refused: Set<SessionID> = []
        /// It was told once that everybody refused it.
        var isListedAsMissed = false
    }

    struct Session: Sendable {
        var state = SessionState.visible
        /// When it was last focused, as a count: later ones are larger, 0 for never.
        var focusedAt = 0
        var openedAt: Int
    }

    public enum Output: Sendable {
        case pop(Pop, to: SessionID, because: Preference)
        case missed(CallFrame, held: Bool)
        case clear(CallFrame, ClearReason)
        /// ``AgentDesk/timeout(_:at:)`` is to be called then.
        case wake(PopID, at: Timestamp)
    }

    /// Why this session of all gets the pop.
    public enum Preference: String, Sendable {
        case only
        case focused
        case lastFocused = "last-focused"
        case newest
    }

    public enum ClearReason: String, Sendable { case handled, dismissed, ended, transferred }

    /// So long a session has to acknowledge a pop.
    public static let acknowledgeWithin = Duration.milliseconds(1500)

    private(set) var sessions: [SessionID: Session] = [:]
    private(set) var pops: [PopID: Pop] = [:]
    private var order: [PopID] = []
    private var closed: [PopID] = []
    private var count = 0

    public init() {}

    public var isIdle: Bool { sessions.isEmpty && pops.isEmpty }
    public var sessionIDs: [SessionID] { sessions.sorted { $0.value.openedAt < $1.value.openedAt }.map(\.key) }
    public var sessionStates: [(id: SessionID, state: SessionState)] {
        sessionIDs.map { ($0, sessions[$0]?.state ?? .hidden) }
    }
    /// Pops that are neither handled nor dismissed, nor cleared by the call's end.
    public var openPops: Int { pops.count }

    // MARK: Sessions

    public mutating func open(_ session: SessionID, at now: Timestamp) -> [Output] {
        count += 1
        sessions[session] = Session(openedAt: count)
        return order.filter { pops[$0]?.stage == .waiting }.flatMap { offer($0, at: now) }
    }

    public mutating func close(_ session: SessionID, at now: Timestamp) -> [Output] {
        guard sessions.removeValue(forKey: session) != nil else { return [] }
        return order.flatMap { id -> [Output] in
            guard case .offered(session, _)? = pops[id]?.stage else { return [] }
            return passOn(id, at: now)
        }
    }

    /// False where there is no such session.
    public mutating func setState(_ state: SessionState, of session: SessionID) -> Bool {
        guard sessions[session] != nil else { return false }
        count += 1
        sessions[session]?.state = state
        if state == .focused { sessions[session]?.focusedAt = count }
        // Only one window has the focus: whoever had it before has lost it, told or not.
        for other in sessions.keys where state == .focused && other != session && sessions[other]?.state == .focused {
            sessions[other]?.state = .visible
        }
        return true
    }

    // MARK: Pops

    /// A call that is to be shown. `limit`: of open pops, see ``TenantProfile/stackedPops``.
    public mutating func want(_ frame: CallFrame, freshUntil: Timestamp, limit: Int, at now: Timestamp) -> [Output] {
        guard !sessions.isEmpty else { return [miss(frame, .offline)] }
        guard pops.count < limit else { return [miss(frame, .stacked)] }
        pops[frame.id] = Pop(frame: frame, stage: .waiting, freshUntil: freshUntil)
        order.append(frame.id)
        return offer(frame.id, at: now)
    }

    /// A pop of an earlier process that nobody acknowledged: it waits for a session to come.
    public mutating func restore(_ frame: CallFrame, freshUntil: Timestamp, at now: Timestamp) -> [Output] {
        let pop = Pop(frame: frame, stage: .waiting, freshUntil: freshUntil)
        pops[frame.id] = pop
        order.append(frame.id)
        return wait(frame.id, pop, at: now)
    }

    /// One that a session answered: it is on a screen, or waits there for a click.
    public mutating func restoreAnswered(_ frame: CallFrame) {
        pops[frame.id] = Pop(frame: frame, stage: .shown, freshUntil: Timestamp(milliseconds: 0))
        order.append(frame.id)
    }

    public func miss(_ frame: CallFrame, _ reason: CallFrame.MissedReason) -> Output {
        var frame = frame
        frame.reason = reason
        frame.actions = []
        return .missed(frame, held: sessions.isEmpty)
    }

    /// `nil` where there is no such pop, and none was lately.
    public mutating func acknowledge(_ ack: PopAck, at now: Timestamp) -> [Output]? {
        guard var pop = pops[ack.id] else { return closed.contains(ack.id) ? [] : nil }
        switch ack.outcome {
        case .shown:
            pop.stage = .shown
            pops[ack.id] = pop
            return []
        case .handled: return finish(ack.id, .handled)
        case .dismissed: return finish(ack.id, .dismissed)
        case .blocked:
            let refuser = ack.session ?? pop.tried.last
            if let refuser { pops[ack.id]?.refused.insert(refuser) }
            // A session that was passed over already has nothing more to say.
            guard case .offered(let holder, _) = pop.stage, refuser == nil || refuser == holder else {
                return missedByAll(ack.id)
            }
            return passOn(ack.id, at: now)
        }
    }

    /// What it asked for is done otherwise.
    mutating func finish(_ id: PopID) -> [Output] { finish(id, .handled) }

    /// The call is over, or with somebody else.
    public mutating func clear(_ ref: CallRef, _ reason: ClearReason) -> [Output] {
        order.filter { pops[$0]?.frame.call.ref == ref }.flatMap { finish($0, reason) }
    }

    /// The time of a pop's `wake` has come.
    public mutating func timeout(_ id: PopID, at now: Timestamp) -> [Output] {
        guard let pop = pops[id] else { return [] }
        switch pop.stage {
        case .offered(_, let until?) where until <= now: return passOn(id, at: now)
        case .waiting where pop.freshUntil <= now: return [drop(id, .offline)].compactMap { $0 }
        case .offered, .waiting, .kept, .shown: return []
        }
    }

    private mutating func offer(_ id: PopID, at now: Timestamp) -> [Output] {
        guard var pop = pops[id], let session = bestSession(except: pop.tried) else { return [] }
        pop.stage = .offered(to: session, until: nil)
        pop.tried.append(session)
        pops[id] = pop
        return [.pop(pop, to: session, because: reason(for: session))]
    }

    /// What is to be done with a pop that is about to be sent.
    public enum Delivery: Sendable {
        case send(wakeAt: Timestamp)
        /// Nobody waits for it any more: it was cleared, or passed on.
        case drop
        /// Recording took longer than the call was fresh.
        case missed(Output)
    }

    /// The offer has been recorded: from now on the session's time to acknowledge runs.
    public mutating func deliver(_ id: PopID, to session: SessionID, at now: Timestamp) -> Delivery {
        guard let pop = pops[id], case .offered(session, nil) = pop.stage else { return .drop }
        guard now < pop.freshUntil else { return drop(id, .stale).map(Delivery.missed) ?? .drop }
        let until = now.adding(Self.acknowledgeWithin)
        pops[id]?.stage = .offered(to: session, until: until)
        return .send(wakeAt: until)
    }

    private mutating func passOn(_ id: PopID, at now: Timestamp) -> [Output] {
        guard let pop = pops[id] else { return [] }
        if bestSession(except: pop.tried) != nil { return offer(id, at: now) }
        guard !sessions.isEmpty else { return wait(id, pop, at: now) }
        pops[id]?.stage = .kept
        return missedByAll(id)
    }

    /// Nobody is there any more: somebody who comes back while the call is fresh is shown it.
    private mutating func wait(_ id: PopID, _ pop: Pop, at now: Timestamp) -> [Output] {
        guard now < pop.freshUntil else { return [drop(id, .offline)].compactMap { $0 } }
        pops[id]?.stage = .waiting
        pops[id]?.tried = []
        return [.wake(id, at: pop.freshUntil)]
    }

    /// A pop that every session refused stays open, for a click on it, but is listed as missed, once.
    private mutating func missedByAll(_ id: PopID) -> [Output] {
        guard let pop = pops[id], pop.stage == .kept, !pop.isListedAsMissed,
            sessions.keys.allSatisfy(pop.refused.contains)
        else { return [] }
        pops[id]?.isListedAsMissed = true
        return [miss(pop.frame, .blocked)]
    }

    private mutating func drop(_ id: PopID, _ reason: CallFrame.MissedReason) -> Output? {
        guard let pop = remove(id) else { return nil }
        return miss(pop.frame, reason)
    }

    private mutating func finish(_ id: PopID, _ reason: ClearReason) -> [Output] {
        remove(id).map { [.clear($0.frame, reason)] } ?? []
    }

    private mutating func remove(_ id: PopID) -> Pop? {
        guard let pop = pops.removeValue(forKey: id) else { return nil }
        order.removeAll { $0 == id }
        // A late acknowledgement of one of these is no error.
        closed.append(id)
        if closed.count > 100 { closed.removeFirst(50) }
        return pop
    }

    /// The focused one, else the last focused, else the newest.
    private func bestSession(except tried: [SessionID]) -> SessionID? {
        sessions.filter { !tried.contains($0.key) }.max { rank($0.value) < rank($1.value) }?.key
    }

    private func reason(for session: SessionID) -> Preference {
        guard sessions.count > 1, let chosen = sessions[session] else { return .only }
        if chosen.state == .focused { return .focused }
        return chosen.focusedAt > 0 ? .lastFocused : .newest
    }

    private func rank(_ session: Session) -> (Int, Int, Int) {
        (session.state == .focused ? 1 : 0, session.focusedAt, session.openedAt)
    }
}
