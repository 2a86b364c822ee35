import CTICore
import CTIPipeline

@testable import ctid

/// The entries that a call leaves in the log, written by a test.
struct StoryLog {
    static let start = Timestamp(milliseconds: 1_795_255_200_000)

    private(set) var entries: [RecordedEntry] = []
    private var frame: CallFrame

    init(agent: String = "1007", caller: String = "0821234567", id: String = "p1") {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: caller, dialed: "0117654321",
            holdSeconds: HoldSeconds(12), callRef: CallRef("c1"), contactRef: "A-17", extension: Extension(agent))
        frame = CallFrame(
            id: PopID(id), tenant: TenantID("acme")!, event: .up,
            agent: Agent(extension: Extension(agent), name: "John Doe", peer: "SIP/john.doe"),
            call: Call(event, callerE164: "+27821234567", queue: "Sales"),
            matches: [Contact(id: "17", name: "Jane Roe")])
    }

    var story: CallStory { CallStory(entries, freshFor: .seconds(15)) }
    var summary: String { StorySummary(story: story).text }

    /// Later deliveries are about this event.
    mutating func call(
        _ kind: CallEventKind = .up, id: String = "p1", agent: String = "1007", at offset: Int64 = 0,
        stale: Bool = false, ageMs: Int? = 400, change: String = "new",
        rules: [RuleTrace] = [RuleTrace(rule: "Everybody's record", reason: .matchedNoCondition)],
        opens: Bool = true, sessions: String? = nil
    ) {
        (frame.id, frame.event, frame.stale) = (PopID(id), kind, stale)
        frame.agent.extension = Extension(agent)
        frame.actions = opens ? [.open(url: "https://crm.example/c1", mode: .newFrame, rule: "Everybody's record")] : []
        var trace = JSONWriter()
        trace.object {
            $0.member("fetchedAt", Self.start.adding(.milliseconds(offset)))
            $0.member("ageBoundMs", number: ageMs.map(String.init))
            $0.member("stale", stale)
            $0.member("change", change)
            $0.member("rules", array: { list in for rule in rules { rule.write(to: &list) } })
            $0.member("actions", array: { list in for action in frame.actions { action.write(to: &list) } })
            if let sessions {
                $0.key("sessions")
                $0.raw(sessions)
            }
        }
        add(.call, at: offset, frameData, trace: trace.string)
    }

    mutating func pop(_ session: String, because: String? = nil, at offset: Int64) {
        let more = because.map { #","because":"\#($0)""# } ?? ""
        add(.pop, at: offset, frameData, trace: #"{"session":"\#(session)"\#(more)}"#)
    }

    mutating func ack(_ outcome: String, _ session: String? = nil, at offset: Int64) {
        let session = session.map { #""\#($0)""# } ?? "null"
        add(.ack, at: offset, #"{"id":"\#(frame.id)","outcome":"\#(outcome)","session":\#(session)}"#)
    }

    mutating func missed(_ reason: CallFrame.MissedReason, at offset: Int64 = 0, held: Bool = false) {
        var missed = frame
        missed.reason = reason
        var json = JSONWriter()
        missed.write(to: &json)
        add(.missed, at: offset, json.string, held: held)
    }

    mutating func clear(_ reason: String, at offset: Int64) {
        add(.clear, at: offset, #"{"id":"\#(frame.id)","ref":"c1","reason":"\#(reason)"}"#)
    }

    mutating func add(
        _ kind: LogEntry.Kind, at offset: Int64 = 0, _ data: String, trace: String? = nil, held: Bool = false
    ) {
        let entry = LogEntry(
            kind: kind, agent: frame.agent.extension, ref: CallRef("c1"),
            at: Self.start.adding(.milliseconds(offset)), data: Array(data.utf8), trace: trace.map { Array($0.utf8) },
            held: held)
        entries.append(RecordedEntry(position: Position(Int64(entries.count)), entry: entry))
    }

    private var frameData: String {
        var json = JSONWriter()
        frame.write(to: &json)
        return json.string
    }
}

/// One thing that happened, for tables of stories.
struct StoryStep: Sendable {
    let write: @Sendable (inout StoryLog) -> Void

    static let lookup = StoryStep { $0.add(.ack, #"{"lookup":"crm"}"#) }

    static func call(
        _ kind: CallEventKind = .up, stale: Bool = false, ageMs: Int? = 400, change: String = "new",
        rules: [RuleTrace] = [RuleTrace(rule: "R", reason: .matchedNoCondition)], opens: Bool = true
    ) -> StoryStep {
        StoryStep { $0.call(kind, stale: stale, ageMs: ageMs, change: change, rules: rules, opens: opens) }
    }

    static func pop(_ session: String, _ offset: Int64) -> StoryStep { StoryStep { $0.pop(session, at: offset) } }

    static func ack(_ outcome: String, _ session: String?, _ offset: Int64) -> StoryStep {
        StoryStep { $0.ack(outcome, session, at: offset) }
    }

    static func missed(_ reason: CallFrame.MissedReason, _ offset: Int64 = 0) -> StoryStep {
        StoryStep { $0.missed(reason, at: offset) }
    }
}
