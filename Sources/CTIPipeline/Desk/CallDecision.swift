import CTICore

/// One event of a call on its way from the decoder to the log, resolved and planned, with the frame that tells of it.
struct CallDecision {
    let frame: CallFrame
    let plan: Plan
    let change: CallTracker.Change
    let ageBound: Duration?

    init(_ planned: PlannedCall, id: PopID, planner: Planner) {
        let context = planned.context
        frame = CallFrame(
            id: id, tenant: context.tenant, event: context.event, stale: planned.isStale, agent: context.agent,
            call: context.call, contact: context.contact, matches: planned.matches, actions: planned.outline.screenPops)
        plan = Plan(actions: planned.outline.actions, trace: planner.trace(of: planned.outline, context))
        change = planned.change
        ageBound = planned.ageBound
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
