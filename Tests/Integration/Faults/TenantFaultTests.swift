import Foundation
import Testing

/// What is broken for one is not broken for another, and is said in a way that a program understands.
@Suite(.timeLimit(.minutes(1)))
struct TenantFaultTests {
    private func withTenants(
        _ files: [String: String], _ body: (String, DaemonUnderTest) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(files, in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        do { try await body(folder, daemon) } catch {
            _ = await daemon.stop(SIGKILL)
            throw error
        }
        _ = await daemon.stop(SIGKILL)
    }

    @Test("a Redis that is away, one that is silent and a file that is wrong do not hold back the good tenant")
    func broken() async throws {
        try await withTwoServers { good, silent in
            silent.signal(SIGSTOP)
            let files = [
                "acme": Acme.tenant(good), "silent": Acme.tenant(silent), "wrong": "redis: { url: nonsense://x }",
                "away": #"redis: { url: "unix:///nonexistent/redis.sock?db=0" }"#,
            ]
            try await withTenants(files) { folder, daemon in
                let screen = try await daemon.stream(agent: "1007")
                // Through all of the others' attempts and back-offs.
                var slowest = Duration.zero
                for index in 0..<20 {
                    let start = ContinuousClock.now
                    try await good.push(Acme.call("c\(index)"))
                    try await screen.event("pop", ref: "c\(index)", within: .seconds(2))
                    slowest = max(slowest, ContinuousClock.now - start)
                    try await Task.sleep(for: .milliseconds(200))
                    if index % 5 == 4 { try await handleAll(screen, daemon) }
                }
                let ready = try await daemon.get("/readyz")
                #expect(ready.status == 200)
                let states = try tenantStates(ready.body)
                #expect(states["acme"] == "ready")
                for tenant in ["silent", "wrong", "away"] { #expect(states[tenant] == "failed", "\(tenant)") }
                FaultFigures.tell("three broken tenants beside a good one: its slowest pop took \(slowest.text)")
            }
        }
    }

    private func handleAll(_ screen: EventStreamClient, _ daemon: DaemonUnderTest) async throws {
        let token = try await daemon.token("acme", "1007")
        for pop in screen.events where pop.name == "pop" {
            let body = #"{"id":"\#(pop["id"] ?? "")","outcome":"handled"}"#
            _ = try await daemon.post("/v1/acme/agents/1007/acks", body, token: token)
        }
    }

    private func tenantStates(_ body: String) throws -> [String: String] {
        let json = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: [String: Any]]]
        return json?["tenants"]?.compactMapValues { $0["state"] as? String } ?? [:]
    }

    private func withTwoServers(_ body: (RedisServer, RedisServer) async throws -> Void) async throws {
        let first = try await RedisServer()
        let second: RedisServer
        do { second = try await RedisServer() } catch {
            await first.stop()
            throw error
        }
        do { try await body(first, second) } catch {
            for server in [first, second] { await server.stop() }
            throw error
        }
        for server in [first, second] { await server.stop() }
    }

    @Test("send with no Redis is 69, and so is one that refuses the push")
    func send() async throws {
        try await withTwoServers { refusing, gone in
            // The key holds something other than a list.
            try await refusing.run("SET", RedisServer.inbound, "x")
            await gone.kill()
            for server in [refusing, gone] {
                let folder = try TemporaryFolder.make()
                defer { try? FileManager.default.removeItem(atPath: folder) }
                try DaemonUnderTest.configure(["acme": Acme.tenant(server)], in: folder)
                let outcome = try await Child.run(
                    "send", "--tenant", "acme", "--config", folder, "--number", "0821234567", "--extension", "1007")
                #expect(outcome.status == 69, "\(outcome.errors)")
                #expect(outcome.output.isEmpty)
                #expect(outcome.errors.contains("Redis at unix://\(server.socket)"))
            }
        }
    }

    @Test("SIGINT, in the midst of a burst and with an open stream, ends the daemon with 0 and loses nothing")
    func interrupted() async throws {
        try await FaultWorld.run { world in
            let daemon = try await world.start()
            let screen = try await world.stream(daemon)
            let refs = (0..<200).map { "i-\($0)" }
            try await world.push(calls: refs)
            let outcome = await world.stop(daemon, SIGINT)
            #expect(outcome.status == 0)
            try await eventually("the stream's end", within: .seconds(10)) { screen.hasEnded }
            let found = try await world.waiting().union(world.log.entries(.call).keys)
            #expect(found == Set(refs))
        }
    }
}
