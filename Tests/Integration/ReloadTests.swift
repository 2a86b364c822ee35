import Foundation
import Hiredis
import Testing

/// Files that change while the daemon runs: taken up within seconds, and nobody else notices.
@Suite(.timeLimit(.minutes(3)))
struct ReloadTests {
    /// Two tenants on a Redis of their own, and a hand on their files.
    private func withTenants(
        daemon: String = "", _ body: (RedisServer, RedisServer, TenantFolder, DaemonUnderTest) async throws -> Void
    ) async throws {
        let (first, second) = (try await RedisServer(), try await RedisServer())
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = ["acme": Acme.tenant(first), "other": Acme.tenant(second)]
        try DaemonUnderTest.configure(files, daemon: daemon, in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(first, second, TenantFolder(folder: folder), daemon))
        } catch {
            outcome = .failure(error)
        }
        let log = daemon.log
        _ = await daemon.stop(SIGKILL)
        await first.stop()
        await second.stop()
        if case .failure(let error) = outcome { Issue.record("\(error); the daemon's log:\n\(log)") }
    }

    private func states(_ daemon: DaemonUnderTest) async throws -> [String: (state: String, reason: String)] {
        let body = try await daemon.get("/readyz").body
        let json = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: [String: Any]]]
        return (json?["tenants"] ?? [:]).mapValues { ($0["state"] as? String ?? "", $0["reason"] as? String ?? "") }
    }

    private func metric(_ line: String, _ daemon: DaemonUnderTest) async throws -> Double? {
        let text = try await daemon.get("/metrics").body
        return text.split(separator: "\n").first { $0.hasPrefix(line + " ") }
            .flatMap { Double($0.dropFirst(line.count + 1)) }
    }

    /// With the promise's five seconds and room for a machine that is busy with other tests.
    private func soon(_ what: String, _ holds: () async throws -> Bool) async throws {
        let start = ContinuousClock.now
        try await eventually(what, within: .seconds(40), holds)
        FaultFigures.tell("\(what): after \((ContinuousClock.now - start).text)")
    }

    @Test("a rule that changes holds from then on, on streams that stay open, and nobody else is touched")
    func rule() async throws {
        try await withTenants { first, second, files, daemon in
            let screen = try await daemon.stream(agent: "1007")
            let other = try await daemon.stream(agent: "1007", tenant: "other")
            try await first.push(Acme.call("before"))
            #expect(try await screen.event("pop", ref: "before").data.contains("https://crm.example/before"))
            try files.replace("acme", Acme.tenant(first, url: "https://new.example/{callRef}"))
            try await soon("a changed rule is taken up") { daemon.log.contains("reloaded: rules") }
            try await first.push(Acme.call("after"))
            #expect(try await screen.event("pop", ref: "after").data.contains("https://new.example/after"))
            try await second.push(Acme.call("elsewhere"))
            #expect(try await other.event("pop", ref: "elsewhere").data.contains("https://crm.example/elsewhere"))
            #expect(!screen.hasEnded && !other.hasEnded)
            // Neither connects anew: a rule is no reason to.
            for tenant in ["acme", "other"] {
                #expect(try await metric("ctid_redis_connects_total{tenant=\"\(tenant)\"}", daemon) == 1)
            }
            #expect(try await metric(#"ctid_reloads_total{result="success"}"#, daemon) == 1)
            #expect(daemon.log.components(separatedBy: "reloaded: ").count == 2)
        }
    }

    @Test("a tenant that is added runs, one that is removed is gone, and comes back where it was")
    func addAndRemove() async throws {
        try await withTenants { first, _, files, daemon in
            let third = try await RedisServer()
            try files.writeSecret("third", "0123456789abcdef0123456789abcdef-third")
            try files.replace("third", Acme.tenant(third))
            try await soon("an added tenant is ready") { try await states(daemon)["third"]?.state == "ready" }
            let screen = try await daemon.stream(agent: "1007", tenant: "third")
            try await third.push(Acme.call("t1"))
            let pop = try await screen.event("pop", ref: "t1")
            let token = try await daemon.token("third", "1007")
            let acme = try await daemon.stream(agent: "1007")

            try files.remove("third")
            try await soon("a removed tenant is gone") { try await states(daemon)["third"] == nil }
            try await eventually("its streams to end", within: .seconds(20)) { screen.hasEnded }
            #expect(try await daemon.get("/v1/third/agents/1007/events", token: token).status == 401)
            #expect(try await metric(#"ctid_redis_up{tenant="third"}"#, daemon) == nil)
            #expect(!acme.hasEnded)

            // What is pushed meanwhile waits in the PBX's list, as it does when the daemon is stopped.
            try files.replace("third", Acme.tenant(third))
            try await soon("it is back") { try await states(daemon)["third"]?.state == "ready" }
            let back = try await daemon.stream(agent: "1007", tenant: "third", after: String(pop.id))
            #expect(try await back.event("hello")["recovered"] == "1")
            try await third.push(Acme.call("t2"))
            #expect(try await back.event("pop", ref: "t2").id > pop.id)
            try await first.push(Acme.call("a1"))
            try await acme.event("pop", ref: "a1")
            await third.stop()
        }
    }

    @Test("a file that turns bad leaves its tenant as it was, and the log, /readyz and a metric say so")
    func broken() async throws {
        try await withTenants { first, _, files, daemon in
            let screen = try await daemon.stream(agent: "1007")
            try files.replace("acme", Acme.tenant(first) + "\nrulez: []")
            try await soon("a broken file is noticed") {
                try await metric(#"ctid_tenant_configuration_broken{tenant="acme"}"#, daemon) == 1
            }
            let state = try await states(daemon)["acme"]
            #expect(state?.state == "degraded")
            #expect(state?.reason.contains("rulez: unknown key") == true, "\(state?.reason ?? "")")
            try await daemon.says("tenant acme goes on with its last good file")
            #expect(try await metric(#"ctid_reloads_total{result="failure"}"#, daemon) == 1)
            #expect(try await daemon.get("/readyz").status == 200)
            try await first.push(Acme.call("c1"))
            try await screen.event("pop", ref: "c1")

            try files.replace("acme", Acme.tenant(first))
            try await soon("a mended file is noticed") { try await states(daemon)["acme"]?.state == "ready" }
            #expect(try await metric(#"ctid_tenant_configuration_broken{tenant="acme"}"#, daemon) == 0)
            #expect(!screen.hasEnded)
        }
    }

    @Test("a tenant that was broken from the start runs once its secret is there")
    func secretComesLater() async throws {
        try await withTenants { first, _, files, daemon in
            try files.replace("late", Acme.tenant(first))
            try await soon("a tenant without its secret is told of") {
                try await states(daemon)["late"]?.reason.contains("late-jwt is not there") == true
            }
            try files.writeSecret("late", "0123456789abcdef0123456789abcdef-late")
            try await soon("it starts") { daemon.log.contains("tenant late is added") }
        }
    }

    @Test("a secret that is rotated is used from then on, and open streams stay")
    func rotation() async throws {
        try await withTenants { _, _, files, daemon in
            let old = try await daemon.token("acme", "1007", scope: "agent supervisor")
            let screen = try await daemon.stream(agent: "1007")
            #expect(try await daemon.get("/v1/acme/calls", token: old).status == 200)
            try files.writeSecret("acme", "another secret of thirty-two bytes, or more")
            try await soon("the former token is refused") {
                try await daemon.get("/v1/acme/calls", token: old).status == 401
            }
            let new = try await daemon.token("acme", scope: "supervisor")
            #expect(try await daemon.get("/v1/acme/calls", token: new).status == 200)
            #expect(!screen.hasEnded)
        }
    }

    @Test("another Redis is read from then on; what waits there is old, and takes no screen")
    func anotherRedis() async throws {
        try await withTenants { first, _, files, daemon in
            let third = try await RedisServer()
            let screen = try await daemon.stream(agent: "1007")
            try await first.push(Acme.call("here"))
            try await screen.event("pop", ref: "here")
            // Nobody knows for how long it has been waiting there.
            try await third.push(Acme.call("dead"))
            try files.replace("acme", Acme.tenant(third))
            try await soon("the other Redis is read") { daemon.log.contains("reloaded: redis") }
            #expect(try await screen.event("missed", ref: "dead")["reason"] == "stale")
            try await third.push(Acme.call("there"))
            try await screen.event("pop", ref: "there")
            #expect(!screen.events.contains { $0.name == "pop" && $0["call.ref"] == "dead" })
            // Nobody reads the former list any more.
            try await first.push(Acme.call("left"))
            #expect(try await first.run("LLEN", RedisServer.inbound).integer == 1)
            #expect(!screen.hasEnded)
            await third.stop()
        }
    }

    @Test("a sink that is added is told what happens from then on, one that is removed nothing more")
    func sinks() async throws {
        try await withTenants { first, _, files, daemon in
            let sink = #"sinks: { redis: [ { url: "unix://\#(first.socket)?db=1", stream: "told" } ] }"#
            let length = "redis.call('SELECT', 1) return redis.call('XLEN', 'told')"
            func told() async throws -> Int64? { try await first.run("EVAL", length, "0").integer }
            try await first.push(Acme.call("before"))
            try await eventually("it to be recorded") {
                try await metric(#"ctid_notifications_total{tenant="acme"}"#, daemon) == 1
            }
            try files.replace("acme", Acme.tenant(first, more: sink))
            try await soon("a sink is added") { daemon.log.contains("reloaded: sinks") }
            try await first.push(Acme.call("told"))
            try await eventually("it to be told", within: .seconds(20)) { try await told() == 1 }
            try files.replace("acme", Acme.tenant(first))
            try await soon("a sink is removed") { daemon.log.components(separatedBy: "reloaded: sinks").count == 3 }
            let screen = try await daemon.stream(agent: "1007")
            try await first.push(Acme.call("after"))
            try await screen.event("call", ref: "after")
            #expect(try await told() == 1)
        }
    }

    @Test("SIGHUP reads all of it at once, and changes nothing where nothing has changed")
    func hangUp() async throws {
        try await withTenants { first, _, files, daemon in
            daemon.signal(SIGHUP)
            try await soon("SIGHUP is heard") {
                try await metric(#"ctid_reloads_total{result="success"}"#, daemon) == 1
            }
            #expect(!daemon.log.contains("reloaded"))
            try files.replace("acme", Acme.tenant(first, mode: "window"))
            daemon.signal(SIGHUP)
            try await soon("a change is taken up at SIGHUP") { daemon.log.contains("reloaded: rules") }
        }
    }

    @Test("a tenants' folder that is not there removes nobody")
    func missingFolder() async throws {
        try await withTenants { first, _, files, daemon in
            let folder = "\(files.folder)/tenants"
            #expect(rename(folder, "\(folder).away") == 0)
            try await soon("a missing folder is told of") { daemon.log.contains("cannot be looked into") }
            #expect(try await states(daemon).keys.sorted() == ["acme", "other"])
            #expect(rename("\(folder).away", folder) == 0)
            let screen = try await daemon.stream(agent: "1007")
            try await first.push(Acme.call("c1"))
            try await screen.event("pop", ref: "c1")
        }
    }

    @Test("of ctid.yaml, limits hold at once; what needs a start is said, and what is wrong changes nothing")
    func daemonFile() async throws {
        try await withTenants { _, _, files, daemon in
            let path = "\(files.folder)/ctid.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try (text + "\nlimits: { stacked_pops: 1, sessions_per_agent: 1 }\ndurability: power\n")
                .write(toFile: path, atomically: true, encoding: .utf8)
            try await soon("limits are taken up") {
                daemon.log.components(separatedBy: "reloaded: limits of ctid.yaml").count == 3
            }
            try await daemon.says("durability: what was changed there takes effect at the next start")
            let first = try await daemon.stream(agent: "1007")
            let second = try await daemon.stream(agent: "1007")
            try await eventually("the older session to give way") { first.hasEnded }

            try "limits: { stacked_pops: many }".write(toFile: path, atomically: true, encoding: .utf8)
            try await soon("a wrong ctid.yaml is told of") {
                daemon.log.contains("the daemon goes on with its last good ctid.yaml")
            }
            #expect(try await metric("ctid_configuration_broken", daemon) == 1)
            #expect(!second.hasEnded)
        }
    }

    @Test("told to stop in the midst of a reload that takes its time, it stops")
    func stopInTheMidst() async throws {
        try await withTenants { first, second, files, daemon in
            let sink = #"sinks: { redis: [ { url: "unix://\#(second.socket)?db=1", stream: "told" } ] }"#
            // Nothing is answered there any more: leaving it takes seconds.
            first.signal(SIGSTOP)
            try files.replace("acme", Acme.tenant(second, more: sink))
            daemon.signal(SIGHUP)
            try await soon("the reload has begun") {
                try await metric(#"ctid_reloads_total{result="success"}"#, daemon) == 1
            }
            let (outcome, took) = await daemon.stop()
            first.signal(SIGCONT)
            #expect(outcome.status == 0, "\(outcome.errors)")
            FaultFigures.tell("stopped in the midst of a reload: after \(took.text)")
        }
    }

    @Test("a tenant that goes and comes back again and again leaves nothing behind")
    func leavesNothing() async throws {
        try await withTenants { first, second, files, daemon in
            try files.writeSecret("third", "0123456789abcdef0123456789abcdef-third")
            let sink = #"sinks: { redis: [ { url: "unix://\#(second.socket)?db=1", stream: "told" } ] }"#
            var counts: [Int] = []
            for round in 0..<6 {
                try files.replace(
                    "third", Acme.tenant(first, more: sink).replacingOccurrences(of: "db=0", with: "db=3"))
                daemon.signal(SIGHUP)
                try await eventually("it to be ready", within: .seconds(40)) {
                    try await states(daemon)["third"]?.state == "ready"
                }
                // Removed, and added again before it has left.
                try files.remove("third")
                daemon.signal(SIGHUP)
                try await eventually("it to be gone", within: .seconds(40)) { try await states(daemon)["third"] == nil }
                if round.isMultiple(of: 2) { continue }
                let before = daemon.log.components(separatedBy: "tenant third is removed").count
                #expect(before == round + 2)
                try await eventually("its files to be closed", within: .seconds(40)) {
                    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd")
                        .compactMap {
                            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(daemon.pid)/fd/\($0)")
                        }
                    return !open.contains { $0.contains("/data/third.") }
                }
                counts.append(try ProcessFigures(pid: daemon.pid).descriptors)
            }
            #expect((counts.last ?? 0) <= (counts.first ?? 0) + 3, "\(counts)")
        }
    }

    @Test("permissions that are mended are noticed by themselves")
    func permissions() async throws {
        try await withTenants { _, _, files, daemon in
            let token = try await daemon.token("acme", scope: "supervisor")
            _ = chmod(files.path("acme-jwt"), 0o644)
            try await soon("a secret that became readable is refused") {
                try await states(daemon)["acme"]?.reason.contains("can be read by other users (mode 0644)") == true
            }
            #expect(try await daemon.get("/v1/acme/calls", token: token).status == 200, "the last good one stays")
            _ = chmod(files.path("acme-jwt"), 0o600)
            try await soon("one that was mended is taken") { try await states(daemon)["acme"]?.state == "ready" }
        }
    }

    @Test("a data folder that cannot be used may be there later: 69, which a service manager tries again")
    func noDataFolder() async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": #"redis: { url: "unix:///nowhere/redis.sock?db=0" }"#], in: folder)
        try "".write(toFile: "\(folder)/data", atomically: true, encoding: .utf8)
        let outcome = try await Child(Child.ctid, ["run", "--config", folder]).ended()
        #expect(
            outcome.status == 69 && outcome.errors.contains("data_dir \(folder)/data cannot be made"),
            "\(outcome.errors)")
    }

    @Test("the only tenant's log cannot be opened: the daemon serves all the same, and the tenant starts later")
    func onlyTenantFails() async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": #"redis: { url: "unix:///nowhere/redis.sock?db=0" }"#], in: folder)
        try FileManager.default.createDirectory(
            atPath: "\(folder)/data/acme.sqlite", withIntermediateDirectories: true)
        let daemon = try Child(Child.ctid, ["run", "--config", folder])
        try await eventually("it to serve", within: .seconds(40)) { daemon.errors.contains("listening on ") }
        #expect(daemon.errors.contains("is not started: "))
        try FileManager.default.removeItem(atPath: "\(folder)/data/acme.sqlite")
        try await eventually("the tenant to start", within: .seconds(40)) {
            daemon.errors.contains("started after all")
        }
        daemon.signal(SIGTERM)
        #expect(await daemon.ended().status == 0)
    }

    @Test("a tenant whose log cannot be opened is tried again, and starts when it can be")
    func supervised() async throws {
        try await withTenants { first, _, files, daemon in
            try FileManager.default.createDirectory(
                atPath: "\(files.folder)/data/third.sqlite", withIntermediateDirectories: true)
            try files.writeSecret("third", "0123456789abcdef0123456789abcdef-third")
            try files.replace("third", Acme.tenant(first))
            try await soon("it fails, and says why") {
                try await states(daemon)["third"]?.reason.contains("is not started: ") == true
            }
            #expect(try await states(daemon)["acme"]?.state == "ready")
            try FileManager.default.removeItem(atPath: "\(files.folder)/data/third.sqlite")
            try await soon("it starts after all") { daemon.log.contains("started after all") }
            #expect(daemon.log.components(separatedBy: "is not started: ").count == 2)
        }
    }
}
