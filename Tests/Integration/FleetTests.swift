import Foundation
import Testing

/// Hundreds of tenants on one daemon and one real Redis, and one of them in all kinds of trouble.
///
/// Figures are told, not asserted: a machine that does other things beside makes them worse. `CTID_TENANTS` changes how
/// many there are, `CTID_BINARY` which build is asked.
@Suite(.timeLimit(.minutes(5)))
struct FleetTests {
    private static let count = ProcessInfo.processInfo.environment["CTID_TENANTS"].flatMap { Int($0) } ?? 500
    private static let watched = 24

    private func name(_ index: Int) -> String { String(format: "t%03d", index) }

    private func list(_ tenant: String) -> String { "\(tenant):inbound" }

    private func file(_ tenant: String, _ redis: RedisServer, more: String = "") -> String {
        """
        redis: { url: "unix://\(redis.socket)?db=0", delivery: at-least-once, keys: { inbound: "\(list(tenant))" } }
        queues: { "0117654321": Sales }
        agents: [ { extension: "1007", name: John Doe, peer: SIP/john.doe } ]
        rules:
          - { name: Everybody's record, on: [up], do: [ { open: { url: "https://crm.example/{callRef}", mode: new_frame } } ] }
        \(more)
        """
    }

    @Test("one of hundreds loses its Redis, its contacts and its file; the others answer as before")
    func fleet() async throws {
        let (redis, lone) = (try await RedisServer(), try await RedisServer())
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Connections are taken, and nothing is ever said on them.
        let (listener, port) = try LoopbackHTTP.listen()
        defer { close(listener) }
        let hanging = #"contacts: { lookup: { url: "http://127.0.0.1:\#(port)/?n={callerE164}", timeout: 5s } }"#
        let names = (1..<Self.count).map(name)
        var files = Dictionary(uniqueKeysWithValues: names.map { ($0, file($0, redis)) })
        files[name(0)] = file(name(0), lone, more: hanging)
        try DaemonUnderTest.configure(files, in: folder)
        let start = ContinuousClock.now
        let daemon = try await DaemonUnderTest(folder: folder, within: .seconds(120))
        do {
            try await eventually("all to be ready", within: .seconds(120)) {
                try await daemon.get("/readyz").body.components(separatedBy: "\"state\":\"ready\"").count == Self.count
                    + 1
            }
            FaultFigures.tell("\(Self.count) tenants: all ready \((ContinuousClock.now - start).text) after the start")
            try await rest(daemon)
            try await troubles(TenantFolder(folder: folder), daemon, redis, lone, names, hanging)
        } catch {
            _ = await daemon.stop(SIGKILL)
            throw error
        }
        let (outcome, took) = await daemon.stop()
        #expect(outcome.status == 0)
        FaultFigures.tell("\(Self.count) tenants: stopped within \(took.text)")
        lone.signal(SIGCONT)
        await lone.stop()
        await redis.stop()
    }

    /// Nothing happens: what does it cost?
    private func rest(_ daemon: DaemonUnderTest) async throws {
        let before = try ProcessFigures(pid: daemon.pid)
        let start = ContinuousClock.now
        try await Task.sleep(for: .seconds(10))
        let after = try ProcessFigures(pid: daemon.pid)
        let share = (after.processorTime - before.processorTime).seconds / (ContinuousClock.now - start).seconds
        FaultFigures.tell(
            "\(Self.count) idle tenants: \(String(format: "%.2f", share * 100)) % of a core; \(after.description)")
    }

    private func troubles(
        _ files: TenantFolder, _ daemon: DaemonUnderTest, _ redis: RedisServer, _ lone: RedisServer, _ names: [String],
        _ hanging: String
    ) async throws {
        let stride = max(1, names.count / Self.watched)
        let watched = names.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        var screens: [(tenant: String, screen: EventStreamClient)] = []
        for tenant in watched {
            let screen = try await daemon.stream(agent: "1007", tenant: tenant)
            screens.append((tenant, screen))
        }
        let before = try await round("before", screens, redis)

        // Its contacts hang, with calls that wait for them; then its Redis stops, and its file breaks.
        for index in 0..<20 { try await lone.push(Acme.call("hang-\(index)", agent: "2\(index)"), to: list(name(0))) }
        lone.signal(SIGSTOP)
        try files.replace(name(0), file(name(0), lone, more: hanging) + "\nrulez: []")
        try await eventually("it to be in trouble", within: .seconds(40)) {
            let text = try await daemon.get("/metrics").body
            return text.contains("ctid_tenant_configuration_broken{tenant=\"t000\"} 1")
                && text.contains("ctid_redis_up{tenant=\"t000\"} 0")
        }
        let during = try await round("during", screens, redis)
        FaultFigures.tell("pops of other tenants, pushed to read: before \(before), during \(during)")

        // Each of them, not only those with a screen.
        for tenant in names { try await redis.push(Acme.call("everybody"), to: list(tenant)) }
        let deadline = ContinuousClock.now + .seconds(60)
        var missing = names
        while !missing.isEmpty, ContinuousClock.now < deadline {
            let text = try await daemon.get("/metrics").body
            missing = names.filter { tenant in
                let count = watched.contains(tenant) ? 2 * Self.rounds + 1 : 1
                return !text.contains("ctid_notifications_total{tenant=\"\(tenant)\"} \(count)\n")
            }
        }
        #expect(missing.isEmpty, "\(missing.count) tenants have not handled their call")
        for (_, screen) in screens { #expect(!screen.hasEnded) }
    }

    private static let rounds = 5

    /// The median, the worst.
    private func round(
        _ label: String, _ screens: [(tenant: String, screen: EventStreamClient)], _ redis: RedisServer
    ) async throws -> String {
        var times: [Duration] = []
        for index in 0..<Self.rounds {
            for (tenant, screen) in screens {
                let ref = "\(label)-\(index)"
                let start = ContinuousClock.now
                try await redis.push(Acme.call(ref), to: list(tenant))
                times.append(try await screen.event("call", ref: ref, within: .seconds(30)).arrivedAt - start)
            }
        }
        times.sort()
        let figures = [times[times.count / 2], times[times.count - 1]].map {
            String(format: "%.1f ms", $0.seconds * 1e3)
        }
        return figures.joined(separator: ", at worst ")
    }
}
