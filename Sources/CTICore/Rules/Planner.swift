/// Holds one event of one call against a tenant's rules. Pure: it asks no clock, no directory, no network.
public struct Planner {
    private let context: PlanContext
    private let profile: TenantProfile
    private let stale: Bool
    private var plan = Plan()
    /// One buffer for every template of the plan.
    private var buffer: [UInt8] = []

    /// Every rule is looked at in order and has its line in the trace; all that match act, until one says `stop`.
    ///
    /// Screen pops are left out, and the trace says so, when the event is `stale` (the call may be over), on `abandon`
    /// (nobody is there to see them), and where the address is none that a browser may open.
    public static func plan(
        call: Call, event: CallEventKind, agent: Agent, contact: Contact?, profile: TenantProfile, stale: Bool = false
    ) -> Plan {
        let context = PlanContext(
            call: call, event: event, agent: agent, contact: contact, tenant: profile.id, variables: profile.variables)
        var planner = Planner(context: context, profile: profile, stale: stale)
        planner.run()
        return planner.plan
    }

    private init(context: PlanContext, profile: TenantProfile, stale: Bool) {
        self.context = context
        self.profile = profile
        self.stale = stale
    }

    private mutating func run() {
        plan.trace.reserveCapacity(profile.rules.count)
        var ending: String?
        for rule in profile.rules {
            if let ending {
                note(.stoppedBefore(rule: ending), rule.name)
                continue
            }
            let reason = rule.decide(context)
            note(reason, rule.name)
            guard reason.isMatch else { continue }
            for action in rule.actions { add(action, rule.name) }
            if rule.stop { ending = rule.name }
        }
    }

    private mutating func note(_ reason: RuleReason, _ rule: String) {
        plan.trace.append(RuleTrace(rule: rule, reason: reason))
    }

    private mutating func add(_ action: ActionTemplate, _ rule: String) {
        switch action {
        case .open(let url, let mode): addOpen(url, mode, rule)
        case .session(let template, let parameters): addSession(template, parameters, rule)
        case .realtime(let app, let reference, let url): addRealtime(app, reference, url, rule)
        case .webhook(let name): plan.actions.append(.webhook(name: name, rule: rule))
        }
    }

    private mutating func addOpen(_ template: Template, _ mode: OpenMode, _ rule: String) {
        if let obstacle { return note(obstacle, rule) }
        renderURL(template)
        if let refusal = URLScheme.refusal(of: buffer, allowed: profile.urlSchemes) {
            return note(.addressRefused(refusal), rule)
        }
        plan.actions.append(.open(url: String(decoding: buffer, as: UTF8.self), mode: mode, rule: rule))
    }

    private mutating func addSession(_ template: Template, _ parameters: [NamedTemplate], _ rule: String) {
        if let obstacle { return note(obstacle, rule) }
        let values = parameters.map { NamedValue(name: $0.name, value: $0.template.rendered(context)) }
        plan.actions.append(.session(template: template.rendered(context), parameters: values, rule: rule))
    }

    /// The board shows the address as a link, so it loses one that must not be followed; a relative one may stay.
    private mutating func addRealtime(_ app: Template, _ reference: Template, _ url: Template, _ rule: String) {
        renderURL(url)
        var link = String(decoding: buffer, as: UTF8.self)
        switch URLScheme.refusal(of: buffer, allowed: profile.urlSchemes) {
        case nil, .noScheme: break
        case let refusal?:
            note(.linkDropped(refusal), rule)
            link = ""
        }
        let (app, reference) = (app.rendered(context), reference.rendered(context))
        plan.actions.append(.realtime(app: app, reference: reference, url: link, rule: rule))
    }

    /// Why no screen is taken now, whatever the action.
    private var obstacle: RuleReason? {
        if context.event == .abandon { return .abandonedCall }
        return stale ? .staleCall : nil
    }

    private mutating func renderURL(_ template: Template) {
        buffer.removeAll(keepingCapacity: true)
        buffer.reserveCapacity(256)
        template.append(to: &buffer, context, percentEncoding: true)
    }
}

extension Rule {
    /// Whether it applies, with what was compared.
    fileprivate func decide(_ context: PlanContext) -> RuleReason {
        guard on.contains(context.event) else { return .wrongEvent(context.event, wanted: on) }
        for condition in all {
            let actual = context.value(of: condition.field)
            guard condition.holds(for: actual) else {
                return .conditionFailed(RuleReason.Failure(condition, actual: actual))
            }
        }
        guard !any.isEmpty else { return all.isEmpty ? .matchedNoCondition : .matched(all: all, any: nil) }
        if let holding = any.first(where: { $0.holds(for: context.value(of: $0.field)) }) {
            return .matched(all: all, any: holding)
        }
        return .noneOfAny(any.map { RuleReason.Failure($0, actual: context.value(of: $0.field)) })
    }
}
