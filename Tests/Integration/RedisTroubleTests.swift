import Foundation
import Glibc
import Hiredis
import Testing

/// The built binary and real servers in real trouble: what `/readyz` and the log say, and that calls pop again.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RedisTroubleTests {
    /// One trouble of one tenant's server, after all was well.
    private struct Trouble: Sendable {
        let name: String
        let server: TroubledServer
        /// What `/readyz` and the log then say.
        let words: [String]
        let begin: @Sendable (TroubledServer) async throws -> Void
        let end: @Sendable (TroubledServer) async throws -> Void
    }

    @Test("each trouble is told in its own words, harms nobody else, and once it is over the next call pops")
    func promptlyTellsOfEveryTrouble() async throws {
        let troubles = try await Self.makeTroubles()
        let healthy = try await TroubledServer("healthy")
        try await TroubledServer.run(troubles.map(\.server) + [healthy]) { daemon in
            try await judge(troubles, beside: healthy, daemon)
        }
    }

    private func judge(
        _ troubles: [Trouble], beside healthy: TroubledServer, _ daemon: DaemonUnderTest
    ) async throws {
        try await eventually("all tenants to be ready") {
            try await Readyz(daemon).tenants.values.allSatisfy { $0.state == "ready" }
        }
        try await everyOne(troubles) { try await $0.begin($0.server) }
        try await everyOne(troubles) { trouble in
            try await eventually("\(trouble.name) to be told: \(trouble.words)", within: .seconds(15)) {
                let tenant = try await Readyz(daemon).tenants[trouble.server.name]
                return trouble.words.allSatisfy { tenant?.reason?.contains($0) == true } && tenant?.state == "failed"
            }
        }
        try await expectPop("during", at: healthy, daemon)
        try await everyOne(troubles) { trouble in
            let stream = try await daemon.stream(agent: "1007", tenant: trouble.server.name)
            try await trouble.end(trouble.server)
            try await trouble.server.push(Acme.call("after"))
            try await stream.event("pop", ref: "after", within: .seconds(12))
        }
        try await eventually("all tenants to be ready again") {
            try await Readyz(daemon).tenants.values.allSatisfy { $0.state == "ready" }
        }
        for trouble in troubles {
            let lines = daemon.log.split(separator: "\n").filter { $0.contains("tenant=\(trouble.server.name) ") }
            #expect(lines.filter { line in trouble.words.allSatisfy(line.contains) }.count == 1, "\(trouble.name)")
            #expect(lines.contains { $0.contains("gives calls again, after") }, "\(trouble.name)")
        }
        #expect(!daemon.log.contains("secret"))
    }

    private func expectPop(_ ref: String, at server: TroubledServer, _ daemon: DaemonUnderTest) async throws {
        let stream = try await daemon.stream(agent: "1007", tenant: server.name)
        try await server.push(Acme.call(ref))
        try await stream.event("pop", ref: ref, within: .seconds(2))
    }

    private func everyOne(_ troubles: [Trouble], _ body: @escaping @Sendable (Trouble) async throws -> Void)
        async throws
    {
        try await withThrowingTaskGroup { group in
            for trouble in troubles { group.addTask { try await body(trouble) } }
            try await group.waitForAll()
        }
    }

    // MARK: The troubles

    private static func makeTroubles() async throws -> [Trouble] {
        try await withThrowingTaskGroup { group in
            for make in [
                noAuth, wrongPassword, noPermission, wrongType, readOnly, clusterDown, moved, loading, notRedis, gone,
                hanging,
            ] { group.addTask { try await make() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Sendable private static func noAuth() async throws -> Trouble {
        Trouble(
            name: "NOAUTH", server: try await TroubledServer("no-auth"),
            words: ["wants a password: set redis.password_file"]
        ) {
            try await $0.run(["CONFIG SET requirepass secret", "CLIENT KILL TYPE normal"])
        } end: {
            try await $0.run(["CONFIG SET requirepass \"\""], password: "secret")
        }
    }

    @Sendable private static func wrongPassword() async throws -> Trouble {
        let server = try await TroubledServer("wrong-password", user: "ctid", password: "secret-1")
        return Trouble(
            name: "WRONGPASS", server: server,
            words: ["refuses the password or the user: check redis.username and redis.password_file"]
        ) {
            try await $0.run(["ACL SETUSER ctid resetpass >secret-2", "CLIENT KILL USER ctid"])
        } end: {
            try await $0.run(["ACL SETUSER ctid >secret-1"])
        }
    }

    @Sendable private static func noPermission() async throws -> Trouble {
        let server = try await TroubledServer("no-permission", user: "ctid", password: "secret-1")
        return Trouble(
            name: "NOPERM", server: server, words: ["does not let user ctid run BLPOP", "ACL SETUSER ctid +blpop"]
        ) {
            try await $0.run(["ACL SETUSER ctid -blpop"])
        } end: {
            try await $0.run(["ACL SETUSER ctid +blpop"])
        }
    }

    @Sendable private static func wrongType() async throws -> Trouble {
        Trouble(
            name: "WRONGTYPE", server: try await TroubledServer("wrong-type"),
            words: ["\(RedisServer.inbound) in Redis at /tmp/", "holds a string, not a list: check redis.keys.inbound"]
        ) {
            try await $0.run(["SET \(RedisServer.inbound) x"])
        } end: {
            try await $0.run(["DEL \(RedisServer.inbound)"])
        }
    }

    @Sendable private static func readOnly() async throws -> Trouble {
        Trouble(
            name: "READONLY", server: try await TroubledServer("read-only"),
            words: ["is a replica", "point redis.url at the primary"]
        ) {
            try await $0.run(["REPLICAOF 127.0.0.1 1"])
        } end: {
            try await $0.run(["REPLICAOF NO ONE"])
        }
    }

    @Sendable private static func clusterDown() async throws -> Trouble {
        let server = try await TroubledServer.clusterNode("cluster-down")
        return Trouble(name: "CLUSTERDOWN", server: server, words: ["no node of the cluster", "mend the cluster"]) {
            try await $0.run(["CLUSTER DELSLOTSRANGE 0 16383"])
        } end: {
            try await $0.run(["CLUSTER ADDSLOTSRANGE 0 16383"])
            try await $0.waitForCluster()
        }
    }

    @Sendable private static func moved() async throws -> Trouble {
        let server = try await TroubledServer.clusterNode("moved")
        let other = try await TroubledServer.clusterNode("other", slots: false)
        server.keep(other)
        try await server.run(["CLUSTER MEET 127.0.0.1 \(other.port)"])
        let (ours, theirs) = (try await server.nodeID(), try await other.nodeID())
        try await eventually("the nodes to know each other") {
            try await server.text("CLUSTER NODES").contains("\(theirs) 127.0.0.1:\(other.port)")
        }
        let slot = try await server.text("CLUSTER KEYSLOT \(RedisServer.inbound)")
        return Trouble(
            name: "MOVED", server: server, words: ["is a node of a cluster", "redis.url at 127.0.0.1:\(other.port)"]
        ) {
            try await $0.run(["CLUSTER SETSLOT \(slot) NODE \(theirs)"])
        } end: {
            try await $0.run(["CLUSTER SETSLOT \(slot) NODE \(ours)"])
        }
    }

    /// A server that comes back and reads its data for seconds.
    @Sendable private static func loading() async throws -> Trouble {
        let server = try await TroubledServer("loading")
        try await server.run(["DEBUG POPULATE 4000", "SAVE"])
        return Trouble(
            name: "LOADING", server: server, words: ["is reading its data from disk; calls wait in"]
        ) {
            try await $0.restart(["--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"])
        } end: {
            try await $0.waitUntilLoaded()
        }
    }

    @Sendable private static func notRedis() async throws -> Trouble {
        let server = try await TroubledServer("not-redis", overTCP: true)
        let impostor = Impostor(port: server.port)
        return Trouble(
            name: "another protocol", server: server,
            words: ["what answers at 127.0.0.1:\(server.port) is not Redis", "check redis.url"]
        ) {
            await $0.kill()
            try impostor.start()
        } end: {
            impostor.stop()
            try await $0.start()
        }
    }

    @Sendable private static func gone() async throws -> Trouble {
        Trouble(
            name: "unreachable", server: try await TroubledServer("gone", overTCP: true),
            words: ["cannot be reached", "calls wait in"]
        ) {
            await $0.kill()
        } end: {
            try await $0.start()
        }
    }

    @Sendable private static func hanging() async throws -> Trouble {
        Trouble(name: "timeout", server: try await TroubledServer("hanging"), words: ["does not answer"]) {
            $0.signal(SIGSTOP)
        } end: {
            $0.signal(SIGCONT)
        }
    }
}
