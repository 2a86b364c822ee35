import ArgumentParser
import CTICore
import CTIHub
import CTIPipeline
import Foundation
import Logging
import Metrics
import ServiceLifecycle

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows everything on this machine, from nothing.",
        discussion: """
            A private redis-server, a demo tenant with agents 1001 to 1003, sample calls of both generations every few \
            seconds, each of which ends after half a minute. Prints the page's address; leaves nothing behind. Example:

              ctid demo --port 8080
            """
    )

    @Option(help: "The port of the page; the demo's records are on the next one.")
    var port = 8080
    @Option(name: .customLong("every"), help: "Time between two sample calls: 4s, 500ms.")
    var interval = Lifetime(duration: .seconds(4))

    func validate() throws {
        guard (1...65534).contains(port) else { throw ValidationError("--port is no port, expected 1 to 65534") }
    }

    func run() async throws {
        let folder: DemoFolder
        let redis: GuardedRedis
        do {
            folder = try DemoFolder()
            try folder.write(port: port, recordPort: port + 1)
            redis = try GuardedRedis(directory: folder.path)
        } catch {
            throw failure(.unreachable, "\(error)")
        }
        defer {
            redis.stop()
            folder.remove()
        }
        guard await redis.isUp() else { throw failure(.unreachable, "the private redis-server did not start") }
        do {
            try await serve(folder, redis)
        } catch {
            throw failure(.unreachable, "\(error)")
        }
    }

    private func serve(_ folder: DemoFolder, _ redis: GuardedRedis) async throws {
        let loader = ConfigurationLoader(directory: folder.path, environment: [:], missingSecretsAreErrors: true)
        let loaded = loader.load()
        guard let tenant = loaded.tenants.values.first, let daemonConfiguration = loaded.daemon,
            let records = RedisListSettings.records(tenant.redis)
        else {
            throw StartFailure("the demo's configuration is wrong: \(loaded.findings.first?.description ?? "empty")")
        }
        let logger = Logger.standard(daemonConfiguration.log)
        MetricsSystem.bootstrap(PrometheusRegistry())
        let greeting = try await greeting(tenant, folder)
        let daemon = try await Daemon.build(loaded, logger: logger) { _ in StandardStreams.print(greeting) }
        let caller = SampleCaller(
            calls: RedisListSettings(tenant.redis), records: records, loop: daemon.loop, interval: interval.duration)
        try await daemon.run(
            logger: logger,
            beside: [DemoCRM.build(port: port + 1, logger: logger), caller],
            before: [RedisWatch(redis: redis)])
    }

    private func greeting(_ tenant: TenantConfiguration, _ folder: DemoFolder) async throws -> String {
        guard case .hs256(let secret?) = tenant.auth else { throw StartFailure("the demo has no secret") }
        let minter = try await TokenMinter(hs256Secret: secret.bytes)
        let day = Duration.seconds(24 * 3600)
        var lines = ["", "The agents' pages (a browser window each):", ""]
        for agent in tenant.profile.agents.values.sorted(by: { $0.extension < $1.extension }) {
            let token = try await minter.mint(
                extension: agent.extension, tenant: tenant.id, scopes: [.agent], ttl: day)
            lines.append("  \(agent.name ?? ""), \(agent.extension)")
            lines.append(
                "  http://127.0.0.1:\(port)/agent/?tenant=\(tenant.id)&extension=\(agent.extension)#token=\(token)")
            lines.append("")
        }
        let token = try await minter.mint(extension: nil, tenant: tenant.id, scopes: [.supervisor], ttl: day)
        return
            (lines + [
                "The realtime board:", "", "  http://127.0.0.1:\(port)/board/\(tenant.id)#token=\(token)", "",
                "A call of your own, from another terminal:", "",
                "  ctid send --config \(folder.path) --tenant demo --number 0821234567 --extension 1001 "
                    + "--dial-number 0117654321", "",
                "Ctrl-C ends it and leaves nothing behind.", "",
            ]).joined(separator: "\n")
    }
}

/// Ends the demo when its Redis ends.
private struct RedisWatch: Service {
    let redis: GuardedRedis

    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                await redis.ended()
                throw StartFailure("the private redis-server has ended")
            }
            group.addTask { try? await gracefulShutdown() }
            // Whichever comes first; the other is not waited for.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
