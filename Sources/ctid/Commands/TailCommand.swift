import ArgumentParser
import CTICore
import CTIPipeline
import CTIStore

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follows a tenant's events in the terminal.",
        discussion: """
            Reads the event log beside the daemon; a line of JSON an event. With --dialect the data of calls is the \
            vendor's object; events for which the vendor has no words are left out. Example:

              ctid tail --tenant acme --agent 1007
              ctid tail --tenant acme --dialect xcally
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "Only this agent's events.")
    var agent: String?

    @Option(help: "Whose words calls are told in: \(Dialect.choices).")
    var dialect = Dialect.ctid

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name)
        let log = try configuration.log(of: tenant)
        let reader = try await log.openToRead()
        let translation = DialectTranslation(dialect) { tenant.profile.agents[$0]?.crmUser }
        try await log.asking { try await follow(reader, translation) }
    }

    private func follow(_ reader: SQLiteLogReader, _ translation: DialectTranslation) async throws(EventLogError) {
        var position = try await reader.bounds().newest
        while !Task.isCancelled {
            let entries = try await reader.entries(.everything, after: position, limit: 500)
            for entry in entries where isShown(entry.entry) {
                if let data = translation.data(of: entry.entry) { StandardStreams.print(line(entry, data)) }
            }
            position = entries.last?.position ?? position
            // The log is another process's: it is asked, it does not tell.
            if entries.isEmpty { try? await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// Of an agent: what the agent's stream carries, and what the agent does.
    private func isShown(_ entry: LogEntry) -> Bool {
        guard let agent else { return true }
        return entry.agent?.rawValue == agent && (entry.kind.isAgentFrame || entry.kind == .agentState)
    }

    private func line(_ recorded: RecordedEntry, _ data: [UInt8]) -> [UInt8] {
        var json = JSONWriter(capacity: data.count + 64)
        json.object {
            $0.member("id", recorded.position.rawValue)
            $0.member("at", recorded.entry.at)
            $0.member("kind", recorded.entry.kind.frameName)
            $0.key("data")
            $0.raw(data)
        }
        return json.bytes
    }
}
