import CTICore
import CTIPipeline

/// The calls that a board shows, out of those that have no end yet. Pure.
///
/// Nobody talks to two callers: of the calls that an agent has answered, the newest is shown, and the others are with
/// the agent only once that one is over. Where a PBX tells of no ends they never are; so only a few are remembered.
struct BoardCalls {
    private(set) var shown: [BoardPresence.UnderWay] = []
    /// To be looked at again.
    private(set) var remembered: [CallRef] = []

    private static let rememberedPerAgent = 3

    init(_ calls: [BoardPresence.UnderWay]) {
        var answered: [Extension: [BoardPresence.UnderWay]] = [:]
        for call in calls {
            if call.state == .up, let agent = call.agents.first {
                answered[agent, default: []].append(call)
            } else {
                shown.append(call)
                remembered.append(call.ref)
            }
        }
        for calls in answered.values {
            let newest = calls.sorted { ($0.upAt ?? $0.since) > ($1.upAt ?? $1.since) }
            shown.append(newest[0])
            remembered += newest.prefix(Self.rememberedPerAgent).map(\.ref)
        }
        shown.sort { ($0.since, $0.ref.rawValue) < ($1.since, $1.ref.rawValue) }
    }
}
