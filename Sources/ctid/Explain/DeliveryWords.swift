import CTICore
import CTIHub
import CTIPipeline

/// What followed from a call's events, in words: pops, the pages' words on them, misses, the end.
struct DeliveryWords {
    let entry: LogEntry
    /// What was tried up to and with this entry.
    let attempts: PopAttempts
    private let data: StoredJSON
    private let trace: StoredJSON

    init(entry: LogEntry, attempts: PopAttempts) {
        self.entry = entry
        self.attempts = attempts
        data = StoredJSON(entry.data)
        trace = StoredJSON(entry.trace)
    }

    func lines(pages: inout PageNames) -> [String] {
        switch entry.kind {
        case .pop: [pop(&pages)]
        case .ack: [word(&pages)]
        case .missed: missed
        case .clear: [clear]
        case .delivery: [delivered]
        case .deadLetter where SinkRecord(entry) != nil: undelivered
        case .realtime: ["Told the board: \((data["type"].text ?? "").printable)."]
        default: [other]
        }
    }

    private var agent: String { entry.agent?.rawValue.printable ?? "the agent" }

    // MARK: Offers

    private func pop(_ pages: inout PageNames) -> String {
        let page = trace["session"].text.map { pages.name($0) } ?? "a page of \(agent)"
        let offers = attempts[data["id"].text]?.offers ?? []
        guard offers.count > 1 else { return "Pop sent to \(page)\(because)." }
        return "Passed on to \(page)\(because): \(whyPassedOn(offers[offers.count - 2], &pages))."
    }

    private var because: String {
        switch trace["because"].text {
        case "focused": ", which had the focus"
        case "last-focused": ", which had had the focus last"
        case "newest": ", which was opened last"
        case "only": ", the only one there"
        default: ""
        }
    }

    private func whyPassedOn(_ former: PopAttempts.Offer, _ pages: inout PageNames) -> String {
        let page = former.session.map { pages.name($0) } ?? "the page before"
        if former.wasBlocked { return "\(page) could not open it" }
        let waited = entry.at.since(former.at)
        // A little less, since the moments that are recorded are rounded.
        if waited >= AgentDesk.acknowledgeWithin - .milliseconds(2), waited < .seconds(3) {
            return "\(page) did not answer within \(StoryTime.atMost(AgentDesk.acknowledgeWithin))"
        }
        return "\(page) was gone"
    }

    // MARK: Words

    private func word(_ pages: inout PageNames) -> String {
        let page = data["session"].text.map { pages.name($0) } ?? holder(&pages) ?? "a page of \(agent)"
        switch data["outcome"].text {
        case "shown": return "Shown: \(page) has opened it\(delay)."
        case "blocked": return "Blocked: \(page) could not open it, its browser's popup blocker refused\(delay)."
        case "handled": return "Handled: agent \(agent) is done with it\(delay)."
        case "dismissed": return "Dismissed: agent \(agent) put it aside\(delay)."
        case let outcome: return "\(page): \((outcome ?? "a word that is not known").printable)\(delay)."
        }
    }

    private func holder(_ pages: inout PageNames) -> String? {
        attempts[data["id"].text]?.offers.last?.session.map { pages.name($0) }
    }

    private var delay: String {
        attempts.calledAt(data["id"].text).map { ", \(StoryTime.after(entry.at.since($0))) after the call" } ?? ""
    }

    // MARK: What ended it

    private var missed: [String] {
        if entry.isHandedOver { return ["Listed: agent \(agent) was told of the missed call at a later log-in."] }
        let reason = data["reason"].text.flatMap(CallFrame.MissedReason.init(rawValue:))
        guard let reason else { return ["Missed: \((data["reason"].text ?? "for an unknown reason").printable)."] }
        let held = entry.held ? ["It is kept for the agent's next log-in."] : []
        return ["Missed (\(reason)): \(why(reason))."] + held + ["What helps: \(Self.help(reason))."]
    }

    private func why(_ reason: CallFrame.MissedReason) -> String {
        switch reason {
        case .offline:
            attempts[data["id"].text]?.offers.isEmpty == false
                ? "the page that had it was gone, and no other came in time"
                : "agent \(agent) had no page open"
        case .stale: "the call could be over by then, so no screen was taken"
        case .stacked: "agent \(agent) had as many records open, neither handled nor dismissed, as are allowed"
        case .blocked: "every page of agent \(agent) refused to open it; it waits there for a click"
        case .unanswered: "it rang at agent \(agent)'s telephone, and nobody had answered when the ringing ended"
        }
    }

    private static func help(_ reason: CallFrame.MissedReason) -> String {
        switch reason {
        case .offline: "the agent opens the page before taking calls, and leaves it open"
        case .stale: "look at how long the daemon, or Redis, was down just before"
        case .stacked: "the agent finishes some of them, or limits.stacked_pops in ctid.yaml is raised"
        case .blocked:
            "\"Prepare record window\" on the agent's page once a day, mode new_frame in the rule, or a browser policy"
        case .unanswered: "nothing was wrong with the pop; the caller is in the agent's list, to be called back"
        }
    }

    private var clear: String {
        switch data["reason"].text {
        case "handled": "Cleared from all pages of \(agent): it was handled."
        case "dismissed": "Cleared from all pages of \(agent): it was put aside."
        case "ended": "Cleared from all pages of \(agent): the call was over."
        case "transferred": "Cleared from all pages of \(agent): the call went to another agent."
        case let reason: "Cleared from all pages of \(agent)\(reason.map { ": \($0.printable)" } ?? "")."
        }
    }

    // MARK: Sinks

    private var sink: String { (data["sink"].text ?? "a sink").printable }

    private var tries: String {
        let count = SinkRecord(entry)?.tries ?? 1
        return count > 1 ? " at try \(count)" : ""
    }

    private var delivered: String { "Delivered to \(sink): \((data["event"].text ?? "").printable)\(tries)." }

    private var undelivered: [String] {
        let reason = (data["message"].text ?? data["code"].text ?? "for an unknown reason").printable
        return [
            "Not delivered to \(sink): \((data["event"].text ?? "").printable) (\(reason)).",
            "What helps: see what the receiver lacks, then ctid deadletters requeue.",
        ]
    }

    private var other: String {
        if data["lookup"].isPresent {
            let asked = data["lookup"].written.map { " (\($0.printable.shortened(to: 100)))" } ?? ""
            return "Received: waits for the contact look-up\(asked)."
        }
        let data = String(decoding: entry.data, as: UTF8.self).printable.shortened(to: 200)
        return "\(entry.kind.frameName.printable): \(data)"
    }
}
