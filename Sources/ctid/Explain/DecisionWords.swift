import CTICore
import CTIPipeline

/// One event of a call in words: what was fetched and decoded, who and what it was found to be about, and what the
/// rules made of it.
struct DecisionWords {
    let decision: StoredDecision
    /// The event before it, whose findings are not told again.
    let former: StoredDecision?
    let freshFor: Duration?

    private var data: StoredJSON { decision.data }
    private var call: StoredJSON { decision.data["call"] }
    private var trace: StoredJSON { decision.trace }

    func lines(pages: inout PageNames) -> [String] {
        if decision.isChoice { return ["The agent said who is calling."] + findings + rules + actions }
        return [fetched, decoded] + ending + lookup + findings + rules + actions + age + sessions(&pages)
    }

    private var findings: [String] {
        let known = former.map { DecisionWords(decision: $0, former: nil, freshFor: nil) }
        return [agent, queue, contact].filter { ![known?.agent, known?.queue, known?.contact].contains($0) }
    }

    private var fetched: String {
        guard trace.isPresent else { return "Recorded." }
        let moment = trace["fetchedAt"].text.flatMap(Timestamp.init(iso8601:))
        let when = moment.flatMap { $0 == decision.at ? nil : " at \(StoryTime.clock($0))" } ?? ""
        if let source = decision.feed.flatMap(Self.source) { return "\(source)\(when)." }
        guard let bound = decision.ageBound else {
            return "Fetched from Redis\(when); how long it had waited there is not known."
        }
        return "Fetched from Redis\(when); at most \(StoryTime.atMost(bound)) old when it was fetched."
    }

    /// `nil` for the lists, whose elements have an age.
    private static func source(_ feed: Feed) -> String? {
        switch feed {
        case .inbound: nil
        case .cdr: "Fetched from the list of call records in Redis"
        case .agents: "Heard on the agents' channels of Redis"
        case .ingest: "Posted by the PBX over HTTP"
        case .phone: "Told by the agent's softphone"
        case .clock: "Nothing more was heard of the call for so long that it was taken to be over"
        }
    }

    /// Who or what ended the call, as far as that was told.
    private var ending: [String] {
        let facts = decision.facts
        var parts: [String] = []
        if let reason = facts?.endReason { parts.append(reason.words) }
        if parts.isEmpty, let party = facts?.endedBy {
            parts.append(party == .agent ? "the agent hung up" : "the other side hung up")
        }
        if let code = facts?.endCode {
            parts.append("cause \(code)" + (ISDNCause(code).words.map { ": \($0)" } ?? ""))
        }
        if let seconds = facts?.talkSeconds { parts.append("\(seconds) s of talk") }
        if trace["change"].text == "leg-ended" { parts.append("at this telephone alone; the call went on") }
        return parts.isEmpty ? [] : ["Ended: \(parts.joined(separator: "; "))."]
    }

    private var decoded: String {
        var parts = [decision.event.map(Self.plainWords) ?? "an event", call["direction"].text ?? "inbound"]
        let number = call["caller"].text ?? ""
        let caller = number.isEmpty ? "a withheld number" : number.printable
        let world = call["callerE164"].text.flatMap { $0 == number ? nil : " (\($0.printable))" } ?? ""
        let isOutbound = call["direction"].text == "outbound"
        parts.append((isOutbound ? "to " : "from ") + caller + world)
        if let dialed = call["dialed"].text { parts.append((isOutbound ? "shown as " : "dialled ") + dialed.printable) }
        if let seconds = call["holdSeconds"].written { parts.append("waited \(seconds) s") }
        if let typed = call["contactRef"].text { parts.append("typed \(typed.quoted)") }
        if let generation = call["generation"].text { parts.append("payload \(generation)") }
        return "Decoded: " + parts.joined(separator: ", ") + "."
    }

    /// The configuration's word stands beside it where it is not everyday English.
    static func plainWords(_ event: String) -> String {
        switch CallEventKind(rawValue: event) {
        case .calling: "being dialled (calling)"
        case .ringing: "ringing"
        case .up: "answered (up)"
        case .hangup: "ended (hangup)"
        case .abandon: "given up (abandon)"
        case nil: event.printable
        }
    }

    private var agent: String {
        guard let number = decision.agent?.printable else { return "Agent: none, the call was with nobody." }
        let transferred = trace["change"].text == "transferred" ? "; the call was with another agent before" : ""
        guard let name = data["agent"]["name"].text else {
            return "Agent: extension \(number), which has no name in the tenant's file\(transferred)."
        }
        let peer = data["agent"]["peer"].text.map { " (\($0.printable))" } ?? ""
        return "Agent: extension \(number) is \(name.printable)\(peer)\(transferred)."
    }

    private var queue: String {
        switch (call["dialed"].text?.printable, call["queue"].text?.printable) {
        case (let dialed?, let queue?): "Queue: \(dialed) is \(queue)."
        case (let dialed?, nil): "Queue: none, \(dialed) is not among the tenant's queues."
        case (nil, let queue?): "Queue: \(queue)."
        case (nil, nil): "Queue: none, the notification has no dialled number."
        }
    }

    /// What became of the question to `contacts.lookup`; the contact below may be the files' all the same.
    private var lookup: [String] { trace["lookup"].text.map { ["Contact look-up: \($0.printable)."] } ?? [] }

    private var contact: String {
        let matches = data["matches"].elements ?? []
        let names = matches.map { ($0["name"].text ?? "without a name").printable + Self.identity($0) }
        switch names.count {
        case 0: return "Contact: none matches the caller's number or what was typed."
        case 1: return "Contact: \(names[0])\(decision.isChoice ? ", whom the agent chose" : "")."
        default:
            let more = names.count > 5 ? ", and \(names.count - 5) more" : ""
            let some = names.prefix(5).joined(separator: ", ")
            return "Contact: \(names.count) match, so it is for the agent to choose: \(some)\(more)."
        }
    }

    private static func identity(_ contact: StoredJSON) -> String {
        let parts = [contact["type"].text, contact["id"].written].compactMap { $0?.printable }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: " ")))"
    }

    private var rules: [String] {
        guard let rules = decision.rules else { return [] }
        if rules.isEmpty { return ["Rules: the tenant has none."] }
        return rules.map { rule in
            let verdict = rule["matched"].flag == true ? "matched" : "not matched"
            let reason = rule["reason"].text.map { " (\($0.printable))" } ?? ""
            return "Rule \((rule["rule"].text ?? "").quoted): \(verdict)\(reason)."
        }
    }

    private var actions: [String] {
        let asked = decision.asksWho ? ["Asked for: who of the \(matchCount) is calling."] : []
        if decision.actions.isEmpty, asked.isEmpty { return ["Asked for: nothing."] }
        return asked + decision.actions.map { "Asked for: \(Self.words(of: $0))." }
    }

    private var matchCount: Int { data["matches"].elements?.count ?? 0 }

    private static func words(of action: StoredJSON) -> String {
        let address = action["url"].text?.printable ?? ""
        switch action["kind"].text {
        case "open": return "open \(address) \(place(action["mode"].text))"
        case "session":
            let values = action["parameters"].members.map { "\($0.name)=\($0.value.written ?? "")".printable }
            let list = values.isEmpty ? "" : " (\(values.joined(separator: ", ")))"
            return "show the session \((action["template"].text ?? "").quoted)\(list)"
        case "realtime":
            let reference = action["reference"].text.map { ", reference \($0.printable)" } ?? ""
            return "tell the board: \((action["app"].text ?? "").printable)\(reference)"
                + (address.isEmpty ? "" : ", \(address)")
        case "webhook": return "call the webhook \((action["name"].text ?? "").quoted)"
        case let kind: return (kind ?? "something unknown").printable
        }
    }

    private static func place(_ mode: String?) -> String {
        switch mode.flatMap(OpenMode.init(rawValue:)) {
        case .newTab: "in a new tab"
        case .newFrame: "in the agent's page"
        case .window: "in the record window"
        case nil: mode.map { "(\($0.printable))" } ?? ""
        }
    }

    /// The end of a call asks for no screen, so it is no matter how old it is.
    private var age: [String] {
        if decision.event.flatMap(CallEventKind.init(rawValue:))?.isEnd == true { return [] }
        return ["Age: \(decision.isStale ? staleness : freshness)."]
    }

    private var freshness: String {
        let isWithin = if let bound = decision.ageBound, let freshFor { bound <= freshFor } else { false }
        return "fresh enough to be shown" + (isWithin ? limit : "")
    }

    private var staleness: String {
        if decision.isLate { return "stale, the call was over, or had gone on, before this was told" }
        guard let bound = decision.ageBound else {
            return "stale, since nothing is known of the list before, as at the daemon's very first start"
        }
        let isBeyond = freshFor.map { $0 < bound } ?? false
        return "stale, it waited up to \(StoryTime.atMost(bound)) in Redis" + (isBeyond ? limit : "")
    }

    private var limit: String { freshFor.map { ", the limit is \(StoryTime.atMost($0)) (fresh_for)" } ?? "" }

    private func sessions(_ pages: inout PageNames) -> [String] {
        guard let sessions = trace["sessions"].elements, let agent = decision.agent?.printable else { return [] }
        if sessions.isEmpty { return ["Open pages of \(agent): none."] }
        let names = sessions.compactMap { session in
            session["session"].text.map { pages.name($0) + (session["state"].text.map { " (\($0.printable))" } ?? "") }
        }
        return ["Open pages of \(agent): \(names.joined(separator: ", "))."]
    }
}
