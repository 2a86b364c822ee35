import CTICore

/// One event of a call on its way from the decoder to the log: resolved and planned. Pure.
struct CallDecision {
    let frame: CallFrame
    let plan: Plan
    let change: CallTracker.Change
    let ageBound: Duration?

    /// Whether the call may be over: a notification has no time of its own, and what is known is too old.
    static func isStale(_ event: CallEvent, change: CallTracker.Change, ageBound: Duration?, freshFor: Duration) -> Bool
    {
        if change == .late { return true }
        return ageBound.map { $0 > freshFor } ?? true
    }

    /// Tracks the call, resolves who and where, and plans; `nil` where all of that was done before.
    init?(
        _ event: CallEvent, tracker: inout CallTracker, at moment: Timestamp, ageBound: Duration?,
        profile: TenantProfile, contacts: any ContactDirectory
    ) {
        let (change, state) = tracker.track(event, at: moment)
        guard change != .repeated else { return nil }
        self.init(
            event, id: .random(), state: state, change: change, ageBound: ageBound, profile: profile,
            contacts: contacts)
    }

    /// `found`: what a look-up answered; `nil` to ask the directory.
    init(
        _ event: CallEvent, id: PopID, state: CallTracker.State, change: CallTracker.Change, ageBound: Duration?,
        profile: TenantProfile, contacts: some ContactDirectory, found: [Contact]? = nil
    ) {
        var call = Call(event, profile: profile)
        call.ringingAt = state.ringingAt
        call.upAt = state.upAt
        call.endedAt = state.endedAt
        let agent = profile.agent(at: event.extension)
        let matches =
            found
            ?? contacts.matches(reference: event.contactRef, caller: event.caller, callerE164: call.callerE164)
        let contact = matches.count == 1 ? matches[0] : nil
        let isStale = Self.isStale(event, change: change, ageBound: ageBound, freshFor: profile.freshFor)
        plan = Planner.plan(
            call: call, event: event.kind, agent: agent, contact: contact, profile: profile, stale: isStale)
        frame = CallFrame(
            id: id, tenant: profile.id, event: event.kind, stale: isStale, agent: agent, call: call, contact: contact,
            matches: matches, actions: plan.screenPops)
        self.change = change
        self.ageBound = ageBound
    }

    /// What is asked of the agent's screen: only a call that is there to be talked to takes it.
    var wantsScreen: Bool { !frame.stale && !frame.actions.isEmpty }

    /// A call that came too late to be shown is listed, whatever the rules say.
    var isMissedForAge: Bool { frame.stale && frame.event == .up && change != .late }

    /// The frame as the agent may see it.
    func visibleFrame(masked: Bool) -> CallFrame {
        guard masked else { return frame }
        var frame = frame
        frame.call.caller = MaskedNumber.mask(frame.call.caller)
        frame.call.callerE164 = frame.call.callerE164.map(MaskedNumber.mask)
        return frame
    }

    /// What `explain` tells of it.
    ///
    /// - Parameters:
    ///   - sessions: the agent's, at this moment.
    ///   - lookup: what became of the question who is calling.
    func trace(
        fetchedAt: Timestamp, sessions: [(id: SessionID, state: SessionState)] = [], lookup: String? = nil
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object {
            $0.member("fetchedAt", fetchedAt)
            $0.member("ageBoundMs", number: ageBound.map { String($0.milliseconds) })
            $0.member("stale", frame.stale)
            $0.member("change", change.name)
            $0.member("matches", Int64(frame.matches.count))
            if let lookup { $0.member("lookup", lookup) }
            $0.member(
                "sessions",
                array: { array in
                    for session in sessions {
                        array.object {
                            $0.member("session", session.id.rawValue)
                            $0.member("state", session.state.rawValue)
                        }
                    }
                })
            $0.member("rules", array: { array in for line in plan.trace { line.write(to: &array) } })
            $0.member("actions", array: { array in for action in plan.actions { action.write(to: &array) } })
        }
        return json.bytes
    }
}

extension Call {
    /// With the number and the queue as the tenant reads them.
    init(_ event: CallEvent, profile: TenantProfile) {
        self.init(
            event, callerE164: NumberPlan.e164(event.caller, region: profile.region),
            queue: profile.queue(forDialed: event.dialed))
    }
}

extension CallTracker.Change {
    var name: String {
        switch self {
        case .new: "new"
        case .transferred: "transferred"
        case .repeated: "repeated"
        case .late: "late"
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    public var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
