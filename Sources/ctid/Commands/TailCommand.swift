import ArgumentParser
import CTICore
import CTIPipeline
import CTIStore
import Foundation

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follows a tenant's events in the terminal.",
        discussion: """
            Reads the event log beside the daemon; a line of JSON an event. Example:

              ctid tail --tenant acme --agent 1007
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: "Only this agent's events.")
    var agent: String?
    func run() async throws {
        let tenant = try configuration.tenant(tenant.name, needsSecrets: false)
        let directory = try configuration.daemon().dataDirectory
        let path = LogPaths(directory: directory, tenant: tenant.id).log
        do throws(EventLogError) {
            let reader = try await SQLiteLogReader(path: path, pool: LogExecutorPool(threads: 1))
            try await follow(reader)
        } catch {
            throw failure(.unreachable, "\(error) (\(path))")
        }
    }

    private func follow(_ reader: SQLiteLogReader) async throws(EventLogError) {
        let selection = agent.map { LogSelection.agentFrames(Extension($0)) } ?? .everything
        var position = try await reader.bounds().newest
        while !Task.isCancelled {
            let entries = try await reader.entries(selection, after: position, limit: 500)
            for entry in entries { StandardStreams.print(line(entry)) }
            position = entries.last?.position ?? position
            // The log is another process's: it is asked, it does not tell.
            if entries.isEmpty { try? await Task.sleep(for: .milliseconds(100)) }
        }
    }

    private func line(_ recorded: RecordedEntry) -> [UInt8] {
        var json = JSONWriter(capacity: recorded.entry.data.count + 64)
        json.object {
            $0.member("id", recorded.position.rawValue)
            $0.member("at", recorded.entry.at)
            $0.member("kind", recorded.entry.kind.frameName)
            $0.key("data")
            $0.raw(recorded.entry.data)
        }
        return json.bytes
    }
}
