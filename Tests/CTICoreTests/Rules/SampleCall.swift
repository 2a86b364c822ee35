import CTICore
import Testing

/// The call that these tests plan for, and what they change of it.
struct SampleCall {
    var call: Call
    var agent = Agent(extension: Extension("1007"), name: "John Doe", peer: "SIP/john.doe", crmUser: "005")
    var contact: Contact? = Contact(id: "003-7", name: "Jane Roe")
    var event: CallEventKind
    var variables: [NamedTemplate] = []
    let tenant: TenantID

    init(event: CallEventKind = .up) throws {
        self.event = event
        tenant = try #require(TenantID("acme"))
        let sent = CallEvent(
            kind: event, generation: .v3, direction: .inbound, caller: "0821234567", dialed: "0117654321",
            holdSeconds: HoldSeconds(12), callRef: CallRef("ref-1"), contactRef: "A-17", extension: Extension("1007"),
            campaign: "spring")
        call = Call(sent, callerE164: "+27821234567", queue: "Sales")
    }

    var context: PlanContext {
        PlanContext(
            call: call, event: event, agent: agent, contact: contact, tenant: tenant, variables: variables)
    }

    /// The same call, of which several contacts may be the caller.
    func planUnchosen(_ rules: [Rule], variables: [NamedTemplate] = []) throws -> (outline: PlanOutline, plan: Plan) {
        let profile = TenantProfile(id: tenant, variables: variables, rules: rules)
        let context = PlanContext(
            call: call, event: event, agent: agent, contact: nil, tenant: tenant, variables: variables,
            isContactOpen: true)
        let planner = Planner(profile)
        let outline = planner.outline(context)
        return (outline, Plan(actions: outline.actions, trace: planner.trace(of: outline, context)))
    }

    func plan(_ rules: [Rule], schemes: Set<String> = ["http", "https"], stale: Bool = false) -> Plan {
        let profile = TenantProfile(id: tenant, variables: variables, rules: rules, urlSchemes: schemes)
        return Planner.plan(
            call: call, event: event, agent: agent, contact: contact, profile: profile, stale: stale)
    }

    func rendered(_ text: String) throws -> String { try Template(parsing: text).rendered(context) }
    func renderedURL(_ text: String) throws -> String { try Template(parsing: text).renderedURL(context) }
}

func json(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return writer.string
}
