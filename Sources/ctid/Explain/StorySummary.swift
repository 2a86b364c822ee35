import CTICore
import CTIPipeline

/// The leading line: why there was a pop, or none.
struct StorySummary {
    let story: CallStory

    var text: String {
        if let attempt = story.attempts.last { return outcome(of: attempt) }
        guard let decision = decisive else { return "No pop yet: nothing was decided of this call." }
        return "No pop: \(withoutAttempt(decision))"
    }

    /// The event that would have popped: the answer, else one with actions, else the last.
    private var decisive: StoredDecision? {
        story.decisions.last { $0.event == CallEventKind.up.rawValue && !$0.isLate }
            ?? story.decisions.last { !$0.actions.isEmpty } ?? story.decisions.last
    }

    // MARK: With an attempt

    private func outcome(of attempt: PopAttempts.Attempt) -> String {
        let agent = "agent \(attempt.agent?.printable ?? "unknown")"
        if let shown = attempt.shownAt {
            let isPassedOn = Set(attempt.offers.map(\.session)).count > 1
            let before =
                attempt.wasBlocked
                ? ", after a popup blocker had refused it" : isPassedOn ? ", not on the page that was asked first" : ""
            if let asking = story.decisions.last(where: { $0.id == attempt.id }), asking.asksWho,
                asking.screenActions.isEmpty
            {
                return "No pop yet: \(agent) was asked which of several contacts is calling, and has not said."
            }
            let delay = StoryTime.after(shown.since(attempt.calledAt))
            return "Popped: shown on \(agent)'s screen \(delay) after the call\(before)."
        }
        if attempt.missedFor == nil, attempt.word == nil {
            return "Popped: sent to \(agent)'s page, but that has not said that it shows it."
        }
        return "No pop: \(refusal(of: attempt, agent: agent))"
    }

    private func refusal(of attempt: PopAttempts.Attempt, agent: String) -> String {
        switch attempt.missedFor.flatMap(CallFrame.MissedReason.init(rawValue:)) {
        case .offline where attempt.offers.isEmpty:
            return "nobody was logged in at \(attempt.agent?.printable ?? "the extension")."
        case .offline: return "\(agent)'s page was gone before it showed the call, and no other came in time."
        case .stale: return staleness(story.decisions.last { $0.id == attempt.id })
        case .stacked: return "\(agent) had too many records open that were neither handled nor dismissed."
        case .blocked: return "the popup blocker refused on every page of \(agent)."
        case .unanswered: return "it rang at \(agent)'s telephone, and nobody answered."
        case nil where attempt.word == "blocked": return "the popup blocker refused on \(agent)'s page."
        case nil: return "\(attempt.missedFor?.printable ?? "for an unknown reason")."
        }
    }

    private func staleness(_ decision: StoredDecision?) -> String {
        guard let bound = decision?.ageBound else {
            return "the call could be too old (how long it waited in Redis is not known)."
        }
        let waited = "it waited up to \(StoryTime.atMost(bound)) in Redis"
        guard let limit = story.freshFor, limit < bound else { return "the call could be too old (\(waited))." }
        return "the call could be older than \(StoryTime.atMost(limit)) (\(waited))."
    }

    // MARK: Without one

    private func withoutAttempt(_ decision: StoredDecision) -> String {
        if decision.isLate { return "the call was over, or had gone on, before this was told." }
        if let refused = refusedAddress(decision) { return refused }
        if decision.isStale, wasHeldBack(decision) { return staleness(decision) }
        if decision.asksForScreen { return "a rule asked for one, but the log does not say what became of it." }
        if decision.rules?.isEmpty == true { return "the tenant has no rules." }
        let event = decision.event.flatMap(CallEventKind.init(rawValue:))
        if event?.isEnd == true { return "the log knows only the end of the call." }
        if decision.rules?.contains(where: { $0["matched"].flag == true }) == true {
            return "no rule asked for one; those that matched asked for something else."
        }
        return "no rule asked for one."
    }

    /// A rule wanted the screen, and did not get it for the call's age.
    private func wasHeldBack(_ decision: StoredDecision) -> Bool {
        decision.asksForScreen
            || decision.rules?.contains { $0["reason"].text == RuleReason.staleCall.text } == true
    }

    /// A rule wanted to open a page, and its address was none.
    private func refusedAddress(_ decision: StoredDecision) -> String? {
        let rule = decision.rules?.first { $0["reason"].text?.hasPrefix("the page was not opened") == true }
        guard let rule, let name = rule["rule"].text, let reason = rule["reason"].text else { return nil }
        return "rule \(name.quoted) asked for one, but \(reason.printable)."
    }
}
