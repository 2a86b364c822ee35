/// Holds one event of one call against a tenant's rules. Pure: it asks no clock, no directory, no network.
public struct Planner: ~Copyable {
    private var plan = Plan()
    /// One buffer for every URL of the plan.
    private var buffer: [UInt8] = []
    /// Why no screen is taken for this event, whatever the action.
    private let obstacle: RuleReason?

    /// Every rule is looked at in order and has its line in the trace; all that match act, until one says `stop`.
    ///
    /// Screen pops are left out, and the trace says so, when the event is `stale` (the call may be over), on `abandon`
    /// (nobody is there to see them), and where the address is none that a browser may open.
    public static func plan(
        call: consuming Call, event: CallEventKind, agent: consuming Agent, contact: consuming Contact?,
        profile: TenantProfile, stale: Bool = false
    ) -> Plan {
        let context = PlanContext(
            call: call, event: event, agent: agent, contact: contact, tenant: profile.id, variables: profile.variables)
        var planner = Planner(obstacle: event == .abandon ? .abandonedCall : stale ? .staleCall : nil)
        planner.apply(profile.rules.span, context, profile.urlSchemes)
        return planner.finish()
    }

    private init(obstacle: RuleReason?) { self.obstacle = obstacle }

    private consuming func finish() -> Plan { plan }

    private mutating func apply(_ rules: borrowing Span<Rule>, _ context: PlanContext, _ schemes: Set<String>) {
        plan.trace.reserveCapacity(rules.count)
        var ending: String?
        for index in rules.indices {
            if let ending {
                note(.stoppedBefore(rule: ending), rules[index].name)
                continue
            }
            let reason = Self.decide(rules[index].on, rules[index].all, rules[index].any, context)
            let matched = reason.isMatch
            note(reason, rules[index].name)
            guard matched else { continue }
            let actions = rules[index].actions.span
            for action in actions.indices { add(actions[action], rules[index].name, context, schemes) }
            if rules[index].stop { ending = rules[index].name }
        }
    }

    private mutating func note(_ reason: RuleReason, _ rule: String) {
        plan.trace.append(RuleTrace(rule: rule, reason: reason))
    }

    private mutating func add(_ action: ActionTemplate, _ rule: String, _ context: PlanContext, _ schemes: Set<String>)
    {
        switch action {
        case .open, .session:
            if let obstacle { return note(obstacle, rule) }
        case .realtime, .webhook: break
        }
        switch action {
        case .open(let url, let mode):
            if let refusal = renderURL(url, context, schemes) { return note(.addressRefused(refusal), rule) }
            plan.actions.append(.open(url: String(decoding: buffer, as: UTF8.self), mode: mode, rule: rule))
        case .session(let template, let parameters):
            let values = parameters.map { NamedValue(name: $0.name, value: $0.template.rendered(context)) }
            plan.actions.append(.session(template: template.rendered(context), parameters: values, rule: rule))
        case .realtime(let app, let reference, let url):
            let link = link(url, rule, context, schemes)
            let (app, reference) = (app.rendered(context), reference.rendered(context))
            plan.actions.append(.realtime(app: app, reference: reference, url: link, rule: rule))
        case .webhook(let name):
            plan.actions.append(.webhook(name: name, rule: rule))
        }
    }

    /// The board shows the address as a link, so it loses one that must not be followed; a relative one may stay.
    private mutating func link(
        _ template: Template, _ rule: String, _ context: PlanContext, _ schemes: Set<String>
    ) -> String {
        switch renderURL(template, context, schemes) {
        case nil, .noScheme: return String(decoding: buffer, as: UTF8.self)
        case let refusal?:
            note(.linkDropped(refusal), rule)
            return ""
        }
    }

    /// Leaves the URL in `buffer`, and says why a browser may not open it.
    private mutating func renderURL(_ template: Template, _ context: PlanContext, _ schemes: Set<String>) -> URLRefusal?
    {
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(256)
        template.append(to: &buffer, context, percentEncoding: true)
        return URLScheme.refusal(of: buffer, allowed: schemes)
    }

    /// Whether a rule applies, with what was compared. It takes the parts, since a copy of the whole rule costs more.
    private static func decide(
        _ events: Set<CallEventKind>, _ all: [Condition], _ any: [Condition], _ context: PlanContext
    ) -> RuleReason {
        guard events.contains(where: { $0 == context.event }) else { return .wrongEvent(context.event, wanted: events) }
        if let failing = all.firstIndex(where: { !$0.holds(for: context.value(of: $0.field)) }) {
            return .conditionFailed(failure(all[failing], context))
        }
        guard !any.isEmpty else { return all.isEmpty ? .matchedNoCondition : .matched(all: all, any: nil) }
        if let holding = any.first(where: { $0.holds(for: context.value(of: $0.field)) }) {
            return .matched(all: all, any: holding)
        }
        return .noneOfAny(any.map { failure($0, context) })
    }

    private static func failure(_ condition: Condition, _ context: PlanContext) -> RuleReason.Failure {
        RuleReason.Failure(condition, actual: context.value(of: condition.field))
    }
}
