import ArgumentParser
import CTICore
import Foundation

/// Where the configuration is.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration folder (default: $CTID_CONFIG, else /etc/ctid).", valueName: "dir"))
    var given: String?

    var directory: String {
        given ?? ProcessInfo.processInfo.environment["CTID_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? "/etc/ctid"
    }

    func loader(missingSecretsAreErrors: Bool) -> ConfigurationLoader {
        ConfigurationLoader(
            directory: directory, environment: ProcessInfo.processInfo.environment,
            missingSecretsAreErrors: missingSecretsAreErrors)
    }

    /// The daemon's part; ends the command where it is wrong.
    func daemon() throws(ExitCode) -> DaemonConfiguration {
        let (daemon, findings) = loader(missingSecretsAreErrors: false).loadDaemon()
        guard let daemon else { throw report(findings) }
        return daemon
    }

    /// One tenant; ends the command where there is none of that name, or its file is wrong.
    func tenant(_ name: String, needsSecrets: Bool) throws(ExitCode) -> TenantConfiguration {
        let loader = loader(missingSecretsAreErrors: needsSecrets)
        let daemon = try daemon()
        let file = loader.tenantFiles().first { ConfigurationLoader.tenantID(ofFile: $0)?.rawValue == name }
        guard let file else {
            throw failure(
                .usage, "there is no tenant \"\(name)\" in \(directory)/tenants, expected a file \(name).yaml")
        }
        let (tenant, findings) = loader.loadTenant(file: file, daemon: daemon)
        guard let tenant else { throw report(findings) }
        return tenant
    }

    private func report(_ findings: [Finding]) -> ExitCode {
        for finding in findings where finding.severity == .error { StandardStreams.complain(finding.description) }
        return ExitStatus.badConfiguration.code
    }
}

struct TenantOption: ParsableArguments {
    @Option(name: .customLong("tenant"), help: "The tenant: the name of its file without .yaml.")
    var name: String
}
