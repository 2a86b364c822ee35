import CTICore

/// A tenant as they are: three queues, a thousand agents, a rule for one queue and one for all.
enum BenchTenant {
    static func profile() throws -> TenantProfile {
        guard let id = TenantID("bench") else { throw Unusable() }
        let open = ActionTemplate.open(
            url: try Template(parsing: "https://crm.example/c/{contactRef|none}?n={caller}&call={callRef}"),
            mode: .newTab)
        let queues = (0..<3).map { ("011765000\($0)", ["Sales", "Support", "Accounts"][$0]) }
        return TenantProfile(
            id: id, queues: Dictionary(uniqueKeysWithValues: queues),
            agents: (1000..<2000).map {
                Agent(extension: Extension(String($0)), name: "Agent \($0)", peer: "SIP/\($0)")
            },
            rules: [
                Rule(
                    name: "Sales goes elsewhere", on: [.up],
                    all: [Condition(field: .queue, test: .equals("Sales"))], actions: [open], stop: true),
                Rule(name: "Everybody's record", on: [.up], actions: [open]),
            ],
            freshFor: .seconds(3600))
    }

    private struct Unusable: Error {}
}
