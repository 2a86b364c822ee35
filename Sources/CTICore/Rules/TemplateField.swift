/// What a template or a condition can name.
public enum TemplateField: Hashable, Sendable {
    case caller, callerE164, dialed, queue, callRef, contactRef, `extension`, direction, holdSeconds
    case agentName, agentPeer
    case contactID, contactName, contactType
    case event, tenant, campaign
    case variable(String)

    /// Every name but the variables', as it is written between braces.
    public static let names: [(name: String, field: TemplateField)] = [
        ("caller", .caller), ("callerE164", .callerE164), ("dialed", .dialed), ("queue", .queue),
        ("callRef", .callRef), ("contactRef", .contactRef), ("extension", .extension), ("direction", .direction),
        ("holdSeconds", .holdSeconds), ("agent.name", .agentName), ("agent.peer", .agentPeer),
        ("contact.id", .contactID), ("contact.name", .contactName), ("contact.type", .contactType),
        ("event", .event), ("tenant", .tenant), ("campaign", .campaign),
    ]

    /// `nil` for an unknown name. Whether a variable exists is the reader's of the configuration to check.
    public init?(name: String) {
        if name.hasPrefix("variables."), name.utf8.count > 10 {
            self = .variable(String(name.dropFirst(10)))
        } else if let known = Self.names.first(where: { $0.name == name }) {
            self = known.field
        } else {
            return nil
        }
    }

    var isOfContact: Bool {
        switch self {
        case .contactID, .contactName, .contactType: true
        default: false
        }
    }

    public var name: String {
        if case .variable(let variable) = self { return "variables." + variable }
        return Self.names.first { $0.field == self }?.name ?? ""
    }
}
