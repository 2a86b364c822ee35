import ArgumentParser
import CTICore
import CTIPipeline
import CTIStore

struct PurgeDeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Removes dead letters for good.",
        discussion: """
            Example:

              ctid deadletters purge --tenant acme --all --older-than 7d
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var selection: DeadLetterSelection
    @Option(help: "With --all: only those that came longer ago: 30m, 12h, 7d.")
    var olderThan: Lifetime?

    func validate() throws {
        if olderThan != nil, !selection.all {
            throw ValidationError("--older-than is given without --all, expected both")
        }
    }

    func run() async throws {
        let tenantLog = try configuration.log(of: try configuration.tenant(tenant.name))
        let log = try await tenantLog.openToChange()
        let before = olderThan.map { Clocks.wall().adding(.zero - $0.duration) }
        let (positions, missing) = try await tenantLog.asking { try await selection.find(in: log, before: before) }
        let removed = try await tenantLog.asking { try await log.removeDeadLetters(at: positions) }
        for position in removed { StandardStreams.print("purged \(position)") }
        try await tenantLog.asking { try await log.close() }
        try DeadLetterSelection.report(missing: missing)
    }
}
