import ArgumentParser
import CTICore
import CTIPipeline
import Hiredis

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validates all configuration files and shows every mistake at once.",
        discussion: """
            A line for each, on standard output: FILE:LINE:COL: error: key.path: what is wrong, what is expected. \
            Exits with 78 on any error. Example:

              ctid check --config /etc/ctid --probe
            """
    )

    @Flag(help: "Connect to each tenant's Redis, too, and say what was found there.")
    var probe = false

    @OptionGroup var configuration: ConfigurationOptions

    func run() async throws {
        let loaded = configuration.loader(missingSecretsAreErrors: probe).load()
        for finding in loaded.findings { StandardStreams.print(finding.description) }
        let areAllReachable = probe ? try await probeAll(loaded) : true
        if loaded.findings.hasErrors { throw ExitStatus.badConfiguration.code }
        let count = loaded.tenants.count
        StandardStreams.complain("ctid: \(count) \(count == 1 ? "tenant is" : "tenants are") fine")
        if !areAllReachable { throw ExitStatus.unreachable.code }
    }

    private func probeAll(_ loaded: LoadedConfiguration) async throws -> Bool {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        var areAllReachable = true
        for (id, tenant) in loaded.tenants.sorted(by: { $0.key < $1.key }) {
            let report = await RedisProbe(
                calls: RedisListSettings(tenant.redis), records: .records(tenant.redis),
                channels: RedisChannelSettings(tenant.redis), loop: loop
            ).run()
            for line in report.lines { StandardStreams.print("\(id): \(line)") }
            if !report.isReachable { areAllReachable = false }
        }
        return areAllReachable
    }
}
