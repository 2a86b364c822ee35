public import CTICore

/// What an event would lead to, with nothing known of the call beyond it.
public struct DryRun: Sendable {
    public let agent: Agent
    public let plan: Plan

    public static func decide(_ event: CallEvent, profile: TenantProfile, contacts: some ContactDirectory) -> DryRun {
        let state = CallTracker.State(
            agent: event.extension, last: event.kind, changedAt: Timestamp(milliseconds: 0))
        let decision = CallDecision(
            event, id: PopID(""), state: state, change: .new, ageBound: .zero, profile: profile, contacts: contacts)
        return DryRun(agent: decision.frame.agent, plan: decision.plan)
    }
}
