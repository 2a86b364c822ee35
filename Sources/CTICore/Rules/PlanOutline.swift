/// What a tenant's rules ask for, for one event of one call, and what was found out about each of them, not yet in words.
///
/// It is all that is needed to go on with a call; ``Planner/trace(of:_:)`` makes the trace when it is to be recorded.
public struct PlanOutline: Sendable {
    /// In the order of the rules, and of the actions in a rule.
    public internal(set) var actions: [Action] = []
    /// A screen pop waits for the agent's choice between several contacts.
    public internal(set) var awaitsContact = false
    var verdicts: [Verdict] = []
    /// Those that verdicts name.
    var refusals: [URLRefusal] = []

    /// Those that take an agent's screen.
    public var screenPops: [Action] { actions.filter(\.isScreenPop) }
}

/// One line of the trace, by numbers alone: nothing is copied for it.
struct Verdict: Sendable {
    enum Finding: Sendable {
        /// `any`: the first of its group that held; -1 where the rule has none.
        case matched(any: Int32)
        case wrongEvent
        /// Of the `all` group.
        case conditionFailed(Int32)
        case noneOfAny
        /// By the rule with this number.
        case stopped(by: Int32)
        case addressRefused(Int32)
        case linkDropped(Int32)
        case staleCall
        case abandonedCall
        case contactToChoose
    }

    var rule: Int32
    var finding: Finding

    init(_ rule: Int, _ finding: Finding) {
        self.rule = Int32(truncatingIfNeeded: rule)
        self.finding = finding
    }
}

extension Planner {
    /// Every rule of the tenant, in order, with what was compared. `context` is the one that the outline was made from.
    public func trace(of outline: PlanOutline, _ context: PlanContext) -> [RuleTrace] {
        outline.verdicts.map { verdict in
            let rule = profile.rules[Int(verdict.rule)]
            return RuleTrace(rule: rule.name, reason: reason(verdict.finding, rule, outline, context))
        }
    }

    private func reason(
        _ finding: Verdict.Finding, _ rule: Rule, _ outline: PlanOutline, _ context: PlanContext
    ) -> RuleReason {
        switch finding {
        case .matched(let any):
            if rule.all.isEmpty, any < 0 { return .matchedNoCondition }
            return .matched(all: rule.all, any: any < 0 ? nil : rule.any[Int(any)])
        case .wrongEvent: return .wrongEvent(context.event, wanted: rule.on)
        case .conditionFailed(let index): return .conditionFailed(failure(rule.all[Int(index)], context))
        case .noneOfAny: return .noneOfAny(rule.any.map { failure($0, context) })
        case .stopped(let ending): return .stoppedBefore(rule: profile.rules[Int(ending)].name)
        case .addressRefused(let index): return .addressRefused(outline.refusals[Int(index)])
        case .linkDropped(let index): return .linkDropped(outline.refusals[Int(index)])
        case .staleCall: return .staleCall
        case .abandonedCall: return .abandonedCall
        case .contactToChoose: return .contactToChoose
        }
    }

    private func failure(_ condition: Condition, _ context: PlanContext) -> RuleReason.Failure {
        RuleReason.Failure(condition, actual: context.value(of: condition.field))
    }
}
