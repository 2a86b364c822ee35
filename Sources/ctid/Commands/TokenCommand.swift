import ArgumentParser
import CTICore
import CTIHub

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Mints an access token with the tenant's HS256 secret.",
        discussion: """
            The token alone on one line. Scopes do not imply each other; several are given by repeating --scope. Example:

              ctid token --tenant acme --extension 1007 --ttl 12h
            """
    )

    @OptionGroup var tenant: TenantOption
    @OptionGroup var configuration: ConfigurationOptions

    @Option(name: .customLong("extension"), help: "The agent's extension; needed for scope agent.")
    var agent: String?
    @Option(name: .customLong("scope"), help: "agent, supervisor, ingest or admin (default: agent).")
    var scopes: [Scope] = []
    @Option(name: .customLong("ttl"), help: "How long it is valid: 30m, 12h, 7d.")
    var lifetime = Lifetime(duration: .seconds(12 * 3600))

    func validate() throws {
        if wanted.contains(.agent), (agent ?? "").isEmpty {
            throw ValidationError("--extension is missing, expected the agent's extension for scope agent")
        }
    }

    /// The hub's scopes, as they are written on a command line.
    enum Scope: String, ExpressibleByArgument, CaseIterable {
        case agent, supervisor, ingest, admin

        var tokenScope: TokenScope {
            switch self {
            case .agent: .agent
            case .supervisor: .supervisor
            case .ingest: .ingest
            case .admin: .admin
            }
        }
    }

    private var wanted: [TokenScope] { scopes.isEmpty ? [.agent] : scopes.map(\.tokenScope) }

    func run() async throws {
        let tenant = try configuration.tenant(tenant.name, needs: .auth)
        guard case .hs256(let secret?) = tenant.auth else {
            throw failure(
                .usage, "tenant \(tenant.id) has a public key only, expected auth.hs256_secret_file to mint with")
        }
        do {
            let minter = try await TokenMinter(hs256Secret: secret.bytes)
            let token = try await minter.mint(
                extension: agent.map { Extension($0) }, tenant: tenant.id, scopes: wanted, ttl: lifetime.duration)
            StandardStreams.print(token)
        } catch let error as TokenKeyError {
            throw failure(.badConfiguration, "\(error)")
        }
    }
}

/// A duration as it is written in configuration files: `30m`, `12h`.
struct Lifetime: ExpressibleByArgument {
    var duration: Duration

    init(duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Duration(written: argument), duration > .zero else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String { duration.written }
}
