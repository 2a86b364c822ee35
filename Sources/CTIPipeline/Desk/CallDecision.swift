import CTICore

/// One event of a call on its way from the decoder to the log, resolved and planned, with the frame that tells of it.
struct CallDecision {
    let frame: CallFrame
    var plan: Plan
    let change: CallChange
    let ageBound: Duration?
    /// Agents besides the frame's own with whom the call no longer is.
    let leaving: [Extension]
    let notice: Notice?
    /// A screen pop waits until the agent has chosen one of several contacts.
    let awaitsContact: Bool
    /// The same event once more, with the contact whom the agent chose.
    var isChoice = false

    init(_ planned: PlannedCall, id: PopID, planner: Planner) {
        let context = planned.context
        frame = CallFrame(
            id: id, tenant: context.tenant, event: context.event, stale: planned.isStale, agent: context.agent,
            call: context.call, contact: context.contact, matches: planned.matches, actions: planned.outline.screenPops)
        plan = Plan(actions: planned.outline.actions, trace: planner.trace(of: planned.outline, context))
        change = planned.change
        ageBound = planned.ageBound
        leaving = planned.leaving
        notice = planned.notice
        awaitsContact = planned.outline.awaitsContact
    }

    /// As the trace has it in the place of a change: only the contact is another.
    static let chosen = "chosen"

    private var changeName: String { isChoice ? Self.chosen : change.name }

    var account: CallAccount { CallAccount(frame, facts: notice?.facts ?? CallFacts()) }

    /// What is asked of the agent's screen: only a call that is there to be talked to takes it.
    var wantsScreen: Bool { !frame.stale && (!frame.actions.isEmpty || awaitsContact) }

    /// A call that came too late to be shown is listed, whatever the rules say.
    var isMissedForAge: Bool { frame.stale && frame.event == .up && change != .late }

    /// It rang at the agent's telephone, and nobody had answered when that was over. (Who calls out misses nothing.)
    var isUnanswered: Bool {
        guard frame.event == .abandon, frame.call.upAt == nil, frame.call.direction == .inbound else { return false }
        return change == .new || change == .legEnded
    }

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
    ///   - masked: what dialects are written from holds no number; the caller's stands apart, where no stream tells it.
    func trace(
        fetchedAt: Timestamp, sessions: [(id: SessionID, state: SessionState)] = [], lookup: String? = nil,
        masked: Bool = false
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object {
            // First, so that it can be told in place.
            notice?.origin.write(to: &$0)
            if masked { $0.member("unmaskedCaller", frame.call.caller) }
            $0.member("fetchedAt", fetchedAt)
            $0.member("ageBoundMs", number: ageBound.map { String($0.milliseconds) })
            $0.member("stale", frame.stale)
            $0.member("change", changeName)
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
            $0.optionalMember("campaign", frame.call.campaign)
            if let notice { notice.facts.write(asMember: "facts", masked: masked, to: &$0) }
        }
        return json.bytes
    }
}

extension CallChange {
    var name: String {
        switch self {
        case .new: "new"
        case .transferred: "transferred"
        case .legEnded: "leg-ended"
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

extension CallFacts {
    /// Left out where there is none.
    fileprivate func write(asMember name: String, masked: Bool, to json: inout JSONWriter) {
        let facts = masked ? withoutNumbers : self
        guard !facts.isEmpty else { return }
        json.key(name)
        facts.write(to: &json)
    }

    /// A vendor's own members may hold the caller's number; and who calls without a name is often named by it.
    private var withoutNumbers: CallFacts {
        var facts = self
        (facts.vendor, facts.session) = (nil, nil)
        let digits = callerName?.count { $0.isNumber } ?? 0
        if digits > 2 { facts.callerName = callerName.map(MaskedNumber.mask) }
        return facts
    }
}
