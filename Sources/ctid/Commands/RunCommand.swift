import ArgumentParser
import CTIHub
import Foundation
import Logging
import Metrics

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs the daemon in the foreground.",
        discussion: """
            A tenant whose file is wrong is reported and left out; the others start. Files that change are read again \
            within 5 s, all of them at SIGHUP; one that is wrong leaves its tenant as it was. Stops gracefully on SIGTERM \
            and SIGINT. Example:

              ctid run --config /etc/ctid
            """
    )

    @OptionGroup var configuration: ConfigurationOptions

    func run() async throws {
        let systemd = SystemdNotifier.takeFromEnvironment()
        // Until the reloads are there to hear it: what came before is what they begin with.
        signal(SIGHUP, SIG_IGN)
        let loader = configuration.loader(missingSecretsAreErrors: true)
        let loaded = loader.load()
        guard let daemonConfiguration = loaded.daemon else {
            for finding in loaded.findings { StandardStreams.complain(finding.description) }
            throw ExitStatus.badConfiguration.code
        }
        let logger = Logger.standard(daemonConfiguration.log)
        MetricsSystem.bootstrap(PrometheusRegistry())
        for finding in loaded.findings {
            logger.log(level: finding.severity == .error ? .error : .warning, "\(finding)")
        }
        do {
            let hooks = ReloadHooks(began: { systemd.reloading() }, ended: { systemd.ready() })
            // Every tenant's file was tried by the time that HTTP is served.
            let daemon = try await Daemon.build(loaded, loader: loader, hooks: hooks, logger: logger) { _ in
                systemd.ready()
            }
            let feeder = WatchdogFeeder(systemd, tenants: daemon.registry, loop: daemon.loop, logger: logger)
            try await daemon.run(
                logger: logger, beside: [StopNotice(notifier: systemd)], before: systemd.isHeard ? [feeder] : [])
        } catch let error as StartFailure {
            throw failure(error.mayPass ? .unreachable : .badConfiguration, error.description)
        } catch {
            throw failure(.unreachable, "\(error)")
        }
        logger.info("stopped")
    }
}
