import CTICore

/// One event of a call, resolved and planned; nothing is written of it yet. Pure.
///
/// All that a notification must go through stands here; what only a record or a page needs, as the frame, its id and the
/// words of the trace, is made by ``CallDecision``.
struct PlannedCall {
    /// Who, where, and what is known of the call.
    let context: PlanContext
    let matches: [Contact]
    let outline: PlanOutline
    let isStale: Bool
    let change: CallChange
    let ageBound: Duration?
    /// Agents besides the event's own with whom the call no longer is.
    let leaving: [Extension]
    let notice: Notice?

    /// - Parameter found: what a look-up answered; `nil` to ask the directory.
    init(
        _ event: CallEvent, _ tracked: CallTracker.Tracked, ageBound: Duration?, notice: Notice? = nil,
        planner: Planner, contacts: some ContactDirectory, found: [Contact]? = nil
    ) {
        let number = NumberPlan.e164(event.caller, region: planner.profile.region)
        let told = notice?.account
        matches =
            told?.contact.map { [$0] } ?? found
            ?? contacts.matches(reference: event.contactRef, caller: event.caller, callerE164: number)
        context = PlanContext(
            call: Call(
                event, callerE164: number, queue: told?.call.queue ?? planner.queue(forDialed: event.dialed),
                ringingAt: tracked.ringingAt, upAt: tracked.upAt, endedAt: tracked.endedAt),
            event: event.kind,
            agent: told.map { planner.agent(at: event.extension, told: $0.agent) }
                ?? planner.agent(at: event.extension),
            contact: matches.count == 1 ? matches[0] : nil, tenant: planner.profile.id,
            variables: planner.profile.variables, isContactOpen: matches.count > 1)
        change = tracked.change
        self.ageBound = ageBound
        leaving = tracked.leaving
        self.notice = notice
        isStale = Self.isStale(change: change, ageBound: ageBound, freshFor: planner.profile.freshFor)
        outline = planner.outline(context, stale: isStale)
    }

    /// Whether the call may be over: a notification has no time of its own, and what is known is too old.
    static func isStale(change: CallChange, ageBound: Duration?, freshFor: Duration) -> Bool {
        if change == .late { return true }
        return ageBound.map { $0 > freshFor } ?? true
    }
}

extension PlanContext {
    /// What is known without asking who is calling.
    init(_ event: CallEvent, planner: Planner) {
        let number = NumberPlan.e164(event.caller, region: planner.profile.region)
        self.init(
            call: Call(event, callerE164: number, queue: planner.queue(forDialed: event.dialed)), event: event.kind,
            agent: planner.agent(at: event.extension), contact: nil, tenant: planner.profile.id,
            variables: planner.profile.variables)
    }
}

extension Planner {
    /// What the tenant's file says of an agent, else what the vendor does.
    fileprivate func agent(at extension: Extension, told: Agent) -> Agent {
        var agent = agent(at: `extension`)
        guard told.extension == `extension` else { return agent }
        agent.name = agent.name ?? told.name
        agent.peer = agent.peer ?? told.peer
        agent.crmUser = agent.crmUser ?? told.crmUser
        return agent
    }
}
