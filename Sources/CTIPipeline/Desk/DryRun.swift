public import CTICore

/// What an event would lead to, with nothing known of the call beyond it.
public struct DryRun: Sendable {
    public let agent: Agent
    public let plan: Plan

    public static func decide(_ event: CallEvent, profile: TenantProfile, contacts: some ContactDirectory) -> DryRun {
        let planner = Planner(profile)
        let tracked = CallTracker.Tracked(.new, CallState(event, at: Timestamp(milliseconds: 0)))
        let planned = PlannedCall(
            event, tracked, ageBound: .zero, planner: planner, contacts: contacts)
        let trace = planner.trace(of: planned.outline, planned.context)
        return DryRun(agent: planned.context.agent, plan: Plan(actions: planned.outline.actions, trace: trace))
    }
}
