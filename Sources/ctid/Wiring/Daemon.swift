import CTICore
import CTIHub
import CTIPipeline
import CTIStore
import Foundation
import Hiredis
import Hummingbird
import Logging
import ServiceLifecycle
import UnixSignals

/// Everything that runs, built from a configuration. `run`, the demo and the tests all build it here.
struct Daemon: Sendable {
    let services: [any Service]
    let loop: RedisEventLoop
    let registry: TenantRegistry
    let shutdownTimeout: Duration
    /// Held as long as the daemon is there.
    private let folder: DataFolder

    /// - Parameters:
    ///   - loader: reads the files again while the daemon runs; `nil` for a daemon whose files do not change.
    ///   - hooks: told of reloads.
    ///   - onServing: called with the port once HTTP is served.
    /// - Throws: ``StartFailure`` where no tenant is left, or the data folder cannot be used.
    static func build(
        _ loaded: LoadedConfiguration, loader: ConfigurationLoader? = nil, hooks: ReloadHooks = ReloadHooks(),
        logger: Logger,
        onServing: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws -> Daemon {
        guard let daemon = loaded.daemon else { throw StartFailure("ctid.yaml is wrong") }
        guard daemon.tls == nil else {
            throw StartFailure("http.tls is not supported yet, expected plain HTTP behind a proxy")
        }
        let folder = try DataFolder(daemon.dataDirectory)
        let surroundings = RunningTenant.Surroundings(
            daemon: daemon, loop: try RedisEventLoop(), logs: LogExecutorPool(), logger: logger)
        let registry = TenantRegistry()
        let fleet = TenantFleet(surroundings, registry: registry)
        guard await fleet.start(loaded.files) > 0 else { throw StartFailure("no tenant is left to run") }
        registry.reloads.start(at: Clocks.wall())
        let hub = Hub(
            configuration: HubConfiguration(
                host: daemon.listen.host, port: daemon.listen.port, bodyBytes: daemon.limits.payload,
                version: Version.current, now: Clocks.wall),
            tenants: registry)
        let server = hub.buildApplication(logger: logger) { port in
            registry.enter(.serving)
            logger.info("listening on \(daemon.listen.host):\(port)")
            await onServing(port)
        }
        let reloader = loader.map {
            ConfigurationReloader(
                loaded, daemon: daemon, loader: $0, fleet: fleet, registry: registry, hooks: hooks, logger: logger)
        }
        // Sources come last, so that they stop first.
        let services: [(any Service)?] = [server, fleet, reloader]
        return Daemon(
            services: services.compactMap(\.self), loop: surroundings.loop, registry: registry,
            shutdownTimeout: daemon.shutdownTimeout, folder: folder)
    }

    /// Returns after a graceful shutdown: SIGTERM or SIGINT.
    ///
    /// `first` are stopped last, `others` before everything.
    func run(logger: Logger, beside others: [any Service] = [], before first: [any Service] = []) async throws {
        defer { loop.stop() }
        var configuration = ServiceGroupConfiguration(
            services: (first + services + others).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = shutdownTimeout
        try await ServiceGroup(configuration: configuration).run()
    }
}
