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

    /// One tenant; ends the command where there is none of that name, or its file is wrong, or a secret that the
    /// command needs cannot be read. The others may be missing: a command may run where they are not.
    func tenant(_ name: String, needs secrets: SecretNeed = .none) throws(ExitCode) -> TenantConfiguration {
        guard ReferencedFiles.exists(directory) else {
            throw failure(
                .usage,
                "the configuration folder \(directory) is not there, expected it as --config DIR or in $CTID_CONFIG")
        }
        let loader = loader(missingSecretsAreErrors: false)
        let daemon = try daemon()
        let file = loader.tenantFiles().first { ConfigurationLoader.tenantID(ofFile: $0)?.rawValue == name }
        guard let file else {
            throw failure(
                .usage, "there is no tenant \"\(name)\" in \(directory)/tenants, expected a file \(name).yaml")
        }
        let read = loader.readTenant(file, daemon: daemon)
        let findings = read.findings
        let missing = findings.filter { $0.severity == .warning && secrets.keyPaths.contains($0.keyPath) }
        guard let tenant = read.tenant, missing.isEmpty else {
            throw report(
                findings
                    + missing.map { finding in
                        var finding = finding
                        finding.severity = .error
                        return finding
                    })
        }
        return tenant
    }

    private func report(_ findings: [Finding]) -> ExitCode {
        for finding in findings where finding.severity == .error { StandardStreams.complain(finding.description) }
        return ExitStatus.badConfiguration.code
    }
}

/// The secrets of a tenant that a command cannot do without, by the keys that name their files.
enum SecretNeed {
    case none
    /// To reach the PBX's Redis.
    case redis
    /// To mint tokens.
    case auth

    /// The only warnings at these keys are of files that cannot be read.
    fileprivate var keyPaths: Set<String> {
        switch self {
        case .none: []
        case .redis: ["redis.password_file", "redis.ca_file", "redis.cert_file", "redis.key_file"]
        case .auth: ["auth.hs256_secret_file"]
        }
    }
}

struct TenantOption: ParsableArguments {
    @Option(name: .customLong("tenant"), help: "The tenant: the name of its file without .yaml.")
    var name: String
}
