import ArgumentParser

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Asks the daemon on this machine whether it is ready.",
        discussion: """
            Asks /readyz at the address that ctid.yaml tells the daemon to listen on; no tenant's file is read. Prints \
            one line: how many tenants are ready, and which are not and why. --json prints what /readyz answered. Exits \
            with 0 if the daemon is ready, with 1 if it is not, or does not answer. For a container's health check. Example:

              ctid health --config /etc/ctid --timeout 3s
            """
    )

    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "How long an answer may take: 3s, 500ms.")
    var timeout = Lifetime(duration: .seconds(3))
    @Flag(help: "What /readyz answered, for programs.")
    var json = false

    func run() async throws {
        let question = HealthQuestion(try configuration.endpoint())
        let answer: HealthQuestion.Answer
        do throws(HealthQuestion.Failure) {
            answer = try await question.ask(within: timeout.duration)
        } catch {
            throw failure(.badInput, error.description)
        }
        guard let report = HealthReport(answer) else {
            throw failure(.badInput, "\(question.url) is not ctid's: it answered \(answer.status)")
        }
        if json {
            StandardStreams.print(answer.body)
        } else {
            StandardStreams.print(report.line)
        }
        if !report.isReady { throw ExitStatus.badInput.code }
    }
}

/// Where the daemon of a configuration is asked, from the same machine.
struct HealthEndpoint: Hashable, Sendable {
    var address: ListenAddress
    var isTLS: Bool

    /// - Parameter address: what it listens on. All addresses of a machine are none to connect to: then it is loopback.
    init(listen address: ListenAddress, isTLS: Bool) {
        self.address = address
        self.isTLS = isTLS
        switch address.host {
        case "0.0.0.0": self.address.host = "127.0.0.1"
        case "::", "0:0:0:0:0:0:0:0": self.address.host = "::1"
        default: break
        }
    }
}

extension ConfigurationOptions {
    /// From `ctid.yaml` alone. The daemon may run on its last good one: of a file that is wrong, the address is taken all the
    /// same. A health check knows 0 and 1, so that is what everything here ends with.
    fileprivate func endpoint() throws -> HealthEndpoint {
        guard ReferencedFiles.exists(directory) else {
            throw failure(
                .badInput,
                "the configuration folder \(directory) is not there, expected it as --config DIR or in $CTID_CONFIG")
        }
        let (daemon, findings) = loader(missingSecretsAreErrors: false).readDaemon()
        for finding in findings where finding.severity == .error { StandardStreams.complain(finding.description) }
        guard daemon.listen.port != 0 else {
            throw failure(
                .badInput, "http.listen is \(daemon.listen), any free port, expected a port that can be asked")
        }
        // The daemon's key need not be readable for whoever asks: a warning about it tells of TLS as well as the key.
        let isTLS = daemon.tls != nil || findings.contains { $0.keyPath.hasPrefix("http.tls.") }
        return HealthEndpoint(listen: daemon.listen, isTLS: isTLS)
    }
}
