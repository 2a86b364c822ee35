/// What became of one rule for one event. A rule may have several lines: what it decided, and what then was not done.
public struct RuleTrace: Hashable, Sendable {
    public var rule: String
    public var reason: RuleReason

    public init(rule: String, reason: RuleReason) {
        self.rule = rule
        self.reason = reason
    }

    /// Whether the rule applied to the call, also where one of its actions could not be done.
    public var matched: Bool { reason.isMatch }

    /// `{"rule":…,"matched":true,"reason":"…"}`
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("rule", rule)
            $0.member("matched", matched)
            $0.member("reason", reason.text)
        }
    }
}
