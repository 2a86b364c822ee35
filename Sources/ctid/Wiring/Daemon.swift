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
    ///   - onServing: called with the port once HTTP is served.
    /// - Throws: ``StartFailure`` where no tenant is left, or the data folder cannot be used.
    static func build(
        _ loaded: LoadedConfiguration, logger: Logger,
        onServing: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws -> Daemon {
        guard let daemon = loaded.daemon else { throw StartFailure("ctid.yaml is wrong") }
        let hubServer = try HubServer(daemon, logger: logger)
        let folder = try DataFolder(daemon.dataDirectory)
        let surroundings = RunningTenant.Surroundings(
            daemon: daemon, loop: try RedisEventLoop(), logs: LogExecutorPool(), logger: logger)
        let registry = TenantRegistry()
        let tenants = await start(loaded, registry, surroundings)
        guard !tenants.isEmpty else { throw StartFailure("no tenant is left to run") }
        let hub = Hub(
            configuration: HubConfiguration(
                host: daemon.listen.host, port: daemon.listen.port, bodyBytes: daemon.limits.payload,
                certificate: hubServer.certificate, version: Version.current, now: Clocks.wall),
            tenants: registry)
        let server = hub.buildApplication(logger: logger) { port in
            registry.enter(.serving)
            logger.info("listening on \(daemon.listen.host):\(port)")
            await onServing(port)
        }
        // Sources come last, so that they stop first.
        return Daemon(
            services: hubServer.services + [server, TenantFleet(tenants: tenants, registry: registry)],
            loop: surroundings.loop, registry: registry, shutdownTimeout: daemon.shutdownTimeout, folder: folder)
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

    private static func start(
        _ loaded: LoadedConfiguration, _ registry: TenantRegistry, _ surroundings: RunningTenant.Surroundings
    ) async -> [RunningTenant] {
        var problems: [TenantID: Readiness] = [:]
        func fail(_ id: TenantID, _ reason: String) {
            surroundings.logger.error("tenant \(id) is not started: \(reason)")
            problems[id] = Readiness(state: .failed, reason: reason, since: Clocks.wall())
        }
        for broken in loaded.brokenTenants {
            let reason = broken.findings.first { $0.severity == .error }?.description ?? broken.file
            if let id = broken.id { fail(id, "its file is wrong: \(reason)") }
        }
        var tenants: [RunningTenant] = []
        for tenant in loaded.tenants.values.sorted(by: { $0.id < $1.id }) {
            do {
                tenants.append(try await RunningTenant(tenant, in: surroundings))
            } catch {
                fail(tenant.id, "\(error)")
            }
        }
        registry.replace(tenants.map(\.hub), problems: problems)
        return tenants
    }
}

/// All tenants at work side by side.
struct TenantFleet: Service {
    let tenants: [RunningTenant]
    let registry: TenantRegistry

    func run() async throws {
        await withTaskGroup { group in
            for tenant in tenants { group.addTask { await tenant.run() } }
            group.addTask {
                try? await gracefulShutdown()
                registry.enter(.stopping)
            }
            await group.waitForAll()
        }
    }
}
