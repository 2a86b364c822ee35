import ArgumentParser
import CTICore
import CTIPipeline

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what a payload would lead to, and why. Touches nothing.",
        discussion: """
            Input and output are those of `decode`, with "agent", "trace" and "actions" beside "event". Neither Redis \
            nor the event log is needed. Example:

              echo '{"type":"call","payload":{"number":"0821234567","call_ref":"c1","ref":"1007"}}' \\
                | ctid plan --tenant acme
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions

    @Argument(help: "Files with one payload each.", completion: .file())
    var files: [String] = []

    func run() throws {
        let daemon = try configuration.daemon()
        let limit = daemon.limits.payload
        let tenant = try configuration.tenant(tenant.name)
        let contacts = ContactFiles(tenant, dataDirectory: daemon.dataDirectory).load {
            StandardStreams.complain("ctid: \($0)")
        }
        var report = PayloadReport()
        let input = PayloadInput(files: files, limit: limit)
        report.run(input, decoder: NotificationDecoder(limit: limit)) { event, json in
            let decision = DryRun.decide(event, profile: tenant.profile, contacts: contacts)
            json.key("agent")
            decision.agent.write(to: &json)
            decision.plan.writeMembers(to: &json)
        }
        try report.finish()
    }
}
