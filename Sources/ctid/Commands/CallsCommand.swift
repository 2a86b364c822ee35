import ArgumentParser
import CTICore
import CTIHub
import CTIPipeline

struct CallsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls",
        abstract: "Lists a tenant's recent calls, newest first.",
        discussion: """
            Reads the event log, beside the daemon or while it is stopped. --json gives an object a line, the items of \
            GET /v1/{tenant}/calls. Example:

              ctid calls --tenant acme --limit 50
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var limit: LimitOption
    @Flag(help: "An object a line, for programs.")
    var json = false

    func run() async throws {
        let log = try configuration.log(of: try configuration.tenant(tenant.name))
        let reader = try await log.openToRead()
        let items = try await log.asking { try await CallHistory(log: reader).items(limit: limit.count).items }
        if json {
            for item in items { StandardStreams.print(item.json) }
        } else {
            var table = TextTable(header: ["TIME (UTC)", "EVENT", "AGENT", "CALLER", "QUEUE", "OUTCOME", "CALL"])
            for item in items { table.add(item.cells) }
            for line in table.lines { StandardStreams.print(line) }
        }
    }
}

extension CallHistory.Item {
    /// A dash where there is nothing to tell.
    fileprivate var cells: [String] {
        let data = StoredJSON(newest.data)
        let (call, agent) = (data["call"], data["agent"])
        let person = [agent["extension"].text, agent["name"].text].compactMap { $0 }.joined(separator: " ")
        let caller = call["caller"].text.map { $0.isEmpty ? "withheld" : $0 }
        let result = outcome.word.map { word in word + (outcome.reason.map { " (\($0))" } ?? "") }
        return [StoryTime.minute(newest.at)]
            + [data["event"].text, person, caller, call["queue"].text, result, call["ref"].text].map { $0 ?? "-" }
    }
}
