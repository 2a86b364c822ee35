/// Why a rule did, or did not, do something. It keeps what was compared; the words are made when somebody asks.
public enum RuleReason: Hashable, Sendable {
    /// A condition that did not hold, with the value that the call had.
    public struct Failure: Hashable, Sendable {
        public var condition: Condition
        public var actual: String?

        public init(_ condition: Condition, actual: String?) {
            self.condition = condition
            self.actual = actual
        }
    }

    case matchedNoCondition
    /// Every one of `all` held, and `any` was the first of its group that did, if it has one.
    case matched(all: [Condition], any: Condition?)
    case wrongEvent(CallEventKind, wanted: Set<CallEventKind>)
    /// The first of the `all` group that did not hold.
    case conditionFailed(Failure)
    case noneOfAny([Failure])
    /// An earlier rule, named, ended the list.
    case stoppedBefore(rule: String)
    /// An `open` was not planned.
    case addressRefused(URLRefusal)
    /// A `realtime` was planned without its link.
    case linkDropped(URLRefusal)
    /// A screen pop was not planned: the call may be over by now.
    case staleCall
    /// A screen pop was not planned: the caller gave up, and no agent is there to see it.
    case abandonedCall
    /// A screen pop is not planned yet: it names the contact, and several match.
    case contactToChoose

    public var isMatch: Bool {
        switch self {
        case .wrongEvent, .conditionFailed, .noneOfAny, .stoppedBefore: false
        case .matchedNoCondition, .matched, .addressRefused, .linkDropped, .staleCall, .abandonedCall, .contactToChoose:
            true
        }
    }
}

extension RuleReason {
    /// For a supervisor, in English. It holds the call's values: it is not for a log.
    public var text: String {
        switch self {
        case .matchedNoCondition:
            "applies always: the rule has no condition"
        case .matched(let all, let any):
            (all + (any.map { [$0] } ?? [])).map(\.successText).joined(separator: ", and ")
        case .wrongEvent(let event, let wanted):
            "the call is \(event.plainWords); the rule is for calls that are \(Self.words(wanted))"
        case .conditionFailed(let failure):
            failure.text
        case .noneOfAny(let failures):
            "at least one of these should hold, and none does: " + failures.map(\.text).joined(separator: "; ")
        case .stoppedBefore(let rule):
            "not looked at: the rule \"\(rule)\" above it applied and ended the list"
        case .addressRefused(let refusal):
            "the page was not opened: its address \(refusal.text)"
        case .linkDropped(let refusal):
            "shown on the board without its link: the address \(refusal.text)"
        case .staleCall:
            "nothing was shown to the agent: the notification came too late, the call may be over"
        case .abandonedCall:
            "nothing was shown to an agent: the caller gave up before one answered"
        case .contactToChoose:
            "the page waits: several contacts match, and the agent is asked which of them is calling"
        }
    }

    private static func words(_ events: Set<CallEventKind>) -> String {
        CallEventKind.allCases.filter(events.contains).map(\.plainWords).joined(separator: " or ")
    }
}

extension RuleReason.Failure {
    fileprivate var text: String { condition.failureText(actual: actual) }
}

extension CallEventKind {
    /// The configuration's word stands beside it where it is not everyday English.
    fileprivate var plainWords: String {
        switch self {
        case .calling: "being dialled (calling)"
        case .ringing: "ringing"
        case .up: "answered (up)"
        case .hangup: "ended (hangup)"
        case .abandon: "given up (abandon)"
        }
    }
}
