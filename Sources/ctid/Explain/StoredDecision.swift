import CTICore
import CTIPipeline

/// One event of a call as the log holds it, with the trace of what was decided.
struct StoredDecision {
    let at: Timestamp
    let data: StoredJSON
    let trace: StoredJSON
    /// What the vendor told beyond the event.
    let facts: CallFacts?

    init(_ entry: LogEntry) {
        at = entry.at
        data = StoredJSON(entry.data)
        trace = StoredJSON(entry.trace)
        facts = CallFacts(ofTrace: entry.trace)
    }

    /// Where it came from; `nil` for the inbound list.
    var feed: Feed? { trace["feed"].text.flatMap(Feed.init(rawValue:)) }

    var id: String? { data["id"].text }
    var ref: String? { data["call"]["ref"].text }
    var event: String? { data["event"].text }
    /// `nil` where the call was with nobody.
    var agent: String? { data["agent"]["extension"].text.flatMap { $0.isEmpty ? nil : $0 } }
    var isStale: Bool { data["stale"].flag ?? trace["stale"].flag ?? false }
    /// An event of a call that was over, or further on, when it was told.
    var isLate: Bool { trace["change"].text == "late" }
    /// Told once more with the contact whom the agent chose among several.
    var isChoice: Bool { trace["change"].text == "chosen" }
    /// A screen pop waited for the agent to say who of several is calling.
    var asksWho: Bool { rules?.contains { $0["reason"].text == RuleReason.contactToChoose.text } == true }
    /// `nil` where nothing was known of it.
    var ageBound: Duration? { trace["ageBoundMs"].milliseconds }
    var rules: [StoredJSON]? { trace["rules"].elements }
    /// Everything that rules asked for; without a trace, what the agent's pages were told of it.
    var actions: [StoredJSON] { trace["actions"].elements ?? data["actions"].elements ?? [] }
    var screenActions: [StoredJSON] { actions.filter { ["open", "session"].contains($0["kind"].text) } }
    var asksForScreen: Bool { !screenActions.isEmpty }
}
