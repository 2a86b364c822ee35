/// Holds events of calls against one tenant's rules. Pure but for its buffer: it asks no clock, no directory, no network.
///
/// A class, so that handing it on costs nothing; it belongs to whoever plans for the tenant, and to one thread at a time.
/// A reload makes a new one.
public final class Planner {
    public let profile: TenantProfile
    private let agents: TextTable<Agent>
    private let queues: TextTable<String>
    /// For which events each rule is, as bits.
    private let events: [UInt8]
    private let allowsHTTPS: Bool
    /// One buffer for every URL of every plan.
    private var buffer: [UInt8] = []

    public init(_ profile: TenantProfile) {
        self.profile = profile
        agents = TextTable(Dictionary(uniqueKeysWithValues: profile.agents.map { ($0.key.rawValue, $0.value) }))
        queues = TextTable(profile.queues)
        events = profile.rules.map { $0.on.reduce(0) { $0 | $1.bit } }
        allowsHTTPS = profile.urlSchemes.contains("https")
        buffer.reserveCapacity(512)
    }

    /// An agent who is not listed is known by the extension alone.
    public func agent(at extension: Extension) -> Agent {
        agents[`extension`.rawValue] ?? Agent(extension: `extension`)
    }

    public func queue(forDialed number: String?) -> String? { number.flatMap { queues[$0] } }

    /// All at once, for one call alone: see ``outline(_:stale:)``.
    public static func plan(
        call: consuming Call, event: CallEventKind, agent: consuming Agent, contact: consuming Contact?,
        profile: TenantProfile, stale: Bool = false
    ) -> Plan {
        let context = PlanContext(
            call: call, event: event, agent: agent, contact: contact, tenant: profile.id, variables: profile.variables)
        let planner = Planner(profile)
        let outline = planner.outline(context, stale: stale)
        return Plan(actions: outline.actions, trace: planner.trace(of: outline, context))
    }

    /// Every rule is looked at in order and has its verdict; all that match act, until one says `stop`.
    ///
    /// Screen pops are left out, and the verdicts say so, when the event is `stale` (the call may be over), on `abandon`
    /// (nobody is there to see them), and where the address is none that a browser may open.
    public func outline(_ context: PlanContext, stale: Bool = false) -> PlanOutline {
        let obstacle: Verdict.Finding? = context.event == .abandon ? .abandonedCall : stale ? .staleCall : nil
        var outline = PlanOutline()
        outline.verdicts.reserveCapacity(profile.rules.count)
        apply(profile.rules, context, obstacle, &outline)
        return outline
    }

    private func apply(
        _ rules: borrowing [Rule], _ context: PlanContext, _ obstacle: Verdict.Finding?,
        _ outline: inout PlanOutline
    ) {
        let rules = rules.span
        var ending: Int?
        for index in rules.indices {
            if let ending {
                outline.verdicts.append(Verdict(index, .stopped(by: Int32(ending))))
                continue
            }
            let finding =
                events[index] & context.event.bit == 0
                ? .wrongEvent : Self.decide(rules[index].all, rules[index].any, context)
            outline.verdicts.append(Verdict(index, finding))
            guard case .matched = finding else {
                if context.isContactOpen, obstacle == nil, mayApplyOnceChosen(rules[index], finding) {
                    outline.awaitsContact = true
                }
                continue
            }
            act(rules[index].actions, index, rules[index].name, context, obstacle, &outline)
            if rules[index].stop { ending = index }
        }
    }

    /// A rule for the screen that asks about the contact may apply to the one who is chosen.
    private func mayApplyOnceChosen(_ rule: borrowing Rule, _ finding: Verdict.Finding) -> Bool {
        if case .wrongEvent = finding { return false }
        return (rule.all + rule.any).contains { $0.field.isOfContact } && rule.actions.contains(where: \.isScreenPop)
    }

    /// Whether a rule applies that is for such an event. It takes the parts, since a copy of the whole rule costs more.
    private static func decide(
        _ all: borrowing [Condition], _ any: borrowing [Condition], _ context: PlanContext
    ) -> Verdict.Finding {
        let (all, any) = (all.span, any.span)
        for index in all.indices where !all[index].holds(in: context) { return .conditionFailed(Int32(index)) }
        guard !any.isEmpty else { return .matched(any: -1) }
        for index in any.indices where any[index].holds(in: context) { return .matched(any: Int32(index)) }
        return .noneOfAny
    }

    private func act(
        _ actions: borrowing [ActionTemplate], _ index: Int, _ rule: String, _ context: PlanContext,
        _ obstacle: Verdict.Finding?, _ outline: inout PlanOutline
    ) {
        let actions = actions.span
        for action in actions.indices { add(actions[action], index, rule, context, obstacle, to: &outline) }
    }

    private func add(
        _ action: ActionTemplate, _ index: Int, _ rule: String, _ context: PlanContext, _ obstacle: Verdict.Finding?,
        to outline: inout PlanOutline
    ) {
        switch action {
        case .open, .session:
            if let obstacle { return outline.verdicts.append(Verdict(index, obstacle)) }
            if context.isContactOpen, action.needsContact(profile.variables) {
                outline.awaitsContact = true
                return outline.verdicts.append(Verdict(index, .contactToChoose))
            }
        case .realtime, .webhook: break
        }
        switch action {
        case .open(let url, let mode):
            if let refusal = renderURL(url, context) { return outline.refuse(refusal, index) { .addressRefused($0) } }
            outline.actions.append(.open(url: String(decoding: buffer, as: UTF8.self), mode: mode, rule: rule))
        case .session(let template, let parameters):
            let values = parameters.map { NamedValue(name: $0.name, value: $0.template.rendered(context)) }
            outline.actions.append(.session(template: template.rendered(context), parameters: values, rule: rule))
        case .realtime(let app, let reference, let url):
            let link = link(url, index, context, &outline)
            let (app, reference) = (app.rendered(context), reference.rendered(context))
            outline.actions.append(.realtime(app: app, reference: reference, url: link, rule: rule))
        case .webhook(let name):
            outline.actions.append(.webhook(name: name, rule: rule))
        }
    }

    /// The board shows the address as a link, so it loses one that must not be followed; a relative one may stay.
    private func link(
        _ template: Template, _ index: Int, _ context: PlanContext, _ outline: inout PlanOutline
    ) -> String {
        switch renderURL(template, context) {
        case nil, .noScheme: return String(decoding: buffer, as: UTF8.self)
        case let refusal?:
            outline.refuse(refusal, index) { .linkDropped($0) }
            return ""
        }
    }

    /// Leaves the URL in `buffer`, and says why a browser may not open it.
    private func renderURL(_ template: Template, _ context: PlanContext) -> URLRefusal? {
        buffer.removeAll(keepingCapacity: true)
        template.append(to: &buffer, context, percentEncoding: true)
        // Nearly every URL begins so, and needs no closer look.
        if allowsHTTPS, buffer.withUnsafeBytes(Self.beginsWithHTTPS) { return nil }
        return URLScheme.refusal(of: buffer, allowed: profile.urlSchemes)
    }

    private static func beginsWithHTTPS(_ url: UnsafeRawBufferPointer) -> Bool {
        ByteWord.load(UnsafeRawBufferPointer(rebasing: url.prefix(6))) == ByteWord.literal("https:\0\0")
    }
}

extension PlanOutline {
    fileprivate mutating func refuse(_ refusal: URLRefusal, _ rule: Int, _ finding: (Int32) -> Verdict.Finding) {
        verdicts.append(Verdict(rule, finding(Int32(refusals.count))))
        refusals.append(refusal)
    }
}

extension CallEventKind {
    fileprivate var bit: UInt8 {
        switch self {
        case .calling: 1
        case .ringing: 2
        case .up: 4
        case .hangup: 8
        case .abandon: 16
        }
    }
}
