import ArgumentParser
import CTICore
import CTIHub
import CTIPipeline

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tells why a call popped, or did not.",
        discussion: """
            Reads the event log, beside the daemon or while it is stopped. The first line is the answer; below it stands \
            what happened, in order. --json gives the object of GET /v1/{tenant}/calls/{ref}, on one line. A call that \
            the log does not know: 1. Example:

              ctid calls --tenant acme
              ctid explain --tenant acme 1c4f3a52-9d0e-4e7b-8a31-0b6f4f1f7a01
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions

    @Argument(help: "The call's reference, as the PBX names it.")
    var callref: String
    @Flag(help: "The same for programs.")
    var json = false
    @Option(help: "Tell at most so many of the log's entries of the call, the oldest; a call has a handful.")
    var limit = CallHistory.entriesPerCall

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is \(limit), expected a number from 1 on") }
    }

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name)
        let log = try configuration.log(of: tenant)
        let reader = try await log.openToRead()
        let entries = try await log.asking {
            try await CallHistory(log: reader, entriesPerCall: limit).entries(CallRef(callref))
        }
        if let output = output(entries, tenant) { return StandardStreams.print(output) }
        let unknown = UnknownCall(ref: callref, tenant: tenant.id, log: reader)
        let lines = try await log.asking { try await unknown.lines() }
        for line in lines { StandardStreams.complain("ctid: \(line)") }
        throw ExitStatus.badInput.code
    }

    private func output(_ entries: [RecordedEntry], _ tenant: TenantConfiguration) -> [UInt8]? {
        if json { return CallHistory.json(of: entries) }
        return entries.isEmpty ? nil : Array(CallStory(entries, freshFor: tenant.profile.freshFor).text.utf8)
    }
}
