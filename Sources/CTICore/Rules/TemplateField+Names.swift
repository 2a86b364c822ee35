extension TemplateField {
    /// For a configuration's reader: the name is unknown, and which ones it may have been meant to be.
    static func unknownNameMessage(_ name: String, variables: [String]) -> String {
        let nearest = NearestNames.of(name, among: names.map(\.name) + variables)
        if nearest.isEmpty {
            let all = names.map(\.name).joined(separator: ", ")
            return "unknown name \"\(name)\"; expected one of \(all), or a variable as variables.NAME"
        }
        let choice = nearest.map { "\"\($0)\"" }.joined(separator: " or ")
        return "unknown name \"\(name)\"; did you mean \(choice)?"
    }

    /// What a supervisor calls it.
    var noun: String {
        switch self {
        case .caller: "caller"
        case .callerE164: "caller's international number"
        case .dialed: "dialled number"
        case .queue: "queue"
        case .callRef: "call's reference"
        case .contactRef: "contact reference"
        case .extension: "agent's extension"
        case .direction: "direction"
        case .holdSeconds: "waiting time in seconds"
        case .agentName: "agent's name"
        case .agentPeer: "agent's telephone"
        case .contactID: "contact's id"
        case .contactName: "contact's name"
        case .contactType: "contact's type"
        case .event: "event"
        case .tenant: "tenant"
        case .campaign: "campaign"
        case .variable(let name): "variable \"\(name)\""
        }
    }
}
