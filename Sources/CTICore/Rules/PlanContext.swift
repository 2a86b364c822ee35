/// Everything that conditions and templates can ask about one event of one call.
public struct PlanContext: Sendable {
    public let call: Call
    public let event: CallEventKind
    public let agent: Agent
    /// `nil` where nobody, or more than one, matched.
    public let contact: Contact?
    /// More than one matched, and nobody has chosen yet: what needs the contact waits.
    public let isContactOpen: Bool
    public let tenant: TenantID
    /// Rendered when they are asked for; each sees only those before it.
    public let variables: [NamedTemplate]
    /// How many of the variables can be seen from here.
    private var visible: Int

    public init(
        call: Call, event: CallEventKind, agent: Agent, contact: Contact?, tenant: TenantID,
        variables: [NamedTemplate] = [], isContactOpen: Bool = false
    ) {
        self.call = call
        self.event = event
        self.agent = agent
        self.contact = contact
        self.isContactOpen = isContactOpen
        self.tenant = tenant
        self.variables = variables
        visible = variables.count
    }

    /// `nil` where it is not known. A withheld caller is known to be empty; a variable that comes out empty is not known.
    public func value(of field: TemplateField) -> String? {
        switch field {
        case .caller: call.caller
        case .callerE164: call.callerE164
        case .dialed: call.dialed
        case .queue: call.queue
        case .callRef: call.ref.rawValue
        case .contactRef: call.contactRef
        case .extension: agent.extension.rawValue
        case .direction: call.direction.rawValue
        case .holdSeconds: call.holdSeconds?.digits
        case .agentName: agent.name
        case .agentPeer: agent.peer
        case .contactID: contact?.id
        case .contactName: contact?.name
        case .contactType: contact?.type
        case .event: event.rawValue
        case .tenant: tenant.rawValue
        case .campaign: call.campaign
        case .variable(let name): variable(name)
        }
    }

    private func variable(_ name: String) -> String? {
        guard let index = variables[..<visible].firstIndex(where: { $0.name == name }) else { return nil }
        var earlier = self
        earlier.visible = index
        let text = variables[index].template.rendered(earlier)
        return text.isEmpty ? nil : text
    }
}
