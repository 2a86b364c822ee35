import CTICore
import CTIPipeline

/// Whether an agent's softphone may speak of a call.
///
/// What a page posts names its call freely, and a PBX's references can be guessed. Were any believed, an agent could
/// join the call of another, read who is calling, and take it away. So of a call that the PBX told of, with others
/// alone, no softphone of this agent's is heard; once the PBX names the agent, it is. Calls that softphones told of are
/// known by ids which only those at which they ring can know, and may ring at several.
struct CallMembership {
    var log: any ReadableLog
    var agent: Extension

    /// Entries of a call that are looked at: a handful, of a call that has not gone mad.
    private static let most = 500

    func allows(_ ref: CallRef) async throws(EventLogError) -> Bool {
        let told = try await log.entries(.call(ref), after: nil, limit: Self.most).map(\.entry)
        let calls = told.filter { $0.kind == .call && $0.agent != nil }
        return calls.isEmpty || calls.contains { $0.agent == agent || $0.feed == .phone }
    }
}
