import Foundation
import Hiredis
import Testing

/// One reader a list, and what that reader is allowed: what the daemon makes of it, and what it says.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ReaderTests {
    // MARK: Permissions

    @Test("a permission that only at-least-once needs, taken away while it runs: it falls back, and says why")
    func fallsBackInTheMidst() async throws {
        let server = try await TroubledServer(
            "acme", user: "ctid", password: "secret-1", delivery: "at-least-once")
        try await TroubledServer.run([server]) { daemon in
            let stream = try await daemon.stream(agent: "1007")
            try await server.run(["ACL SETUSER ctid -blmove"])
            try await eventually("the fall-back") {
                try await Readyz(daemon).tenants["acme"]?.reason
                    == "at-least-once is not possible: BLMOVE is not permitted"
            }
            try await daemon.says("does not let user ctid run BLMOVE")
            #expect(try await Readyz(daemon).tenants["acme"]?.state == "ready")
            try await server.push(Acme.call("after"))
            try await stream.event("pop", ref: "after")
        }
    }

    @Test(
        "with less permitted it still works: without a script, falling back, for a user who may BLPOP and nothing else",
        arguments: [
            ("at-least-once", "~* +@all -eval", "fetching at-least-once"),
            ("at-least-once", "~* +@all -ltrim", "fetching at-least-once"),
            ("at-least-once", "~* +@all -lrem", "fetching at-least-once"),
            ("at-least-once", "~* +@all -lrem -eval", "at-least-once is not possible here (LREM is not permitted)"),
            ("at-most-once", "~enigma:notifications:* +blpop", "fetching at-most-once"),
        ])
    func lessPermitted(delivery: String, permissions: String, line: String) async throws {
        let server = try await TroubledServer(
            "acme", user: "ctid", password: "secret-1", permissions: permissions, delivery: delivery)
        try await TroubledServer.run([server]) { daemon in
            try await daemon.says(line)
            let stream = try await daemon.stream(agent: "1007")
            for index in 0..<3 { try await server.push(Acme.call("c\(index)")) }
            for index in 0..<3 { try await stream.event("call", ref: "c\(index)") }
            try await eventually("the list to be empty") {
                try await server.text("LLEN \(RedisServer.inbound)") == "0"
            }
            #expect(!daemon.log.contains(" error "))
        }
    }

    @Test("check --probe tells version, permissions, the delivery and why; and what makes the list unusable")
    func probe() async throws {
        let server = try await TroubledServer(
            "acme", user: "ctid", password: "secret-1", permissions: "~* +@all -blmove", delivery: "at-least-once")
        let waiting = Task { try await server.run(["BLPOP elsewhere 30"]) }
        try await eventually("another client to wait") { try await server.text("CLIENT LIST").contains("cmd=blpop") }
        try await server.push("x")
        try await TroubledServer.run([server]) { daemon in
            let found = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(found.status == 0)
            for words in [
                "version 7.", "LLEN yes, BLPOP yes, LPOP yes, BLMOVE no, LRANGE yes, EVAL yes, LREM yes",
                "list \(RedisServer.inbound): ", "at-least-once is not possible here (BLMOVE is not permitted)",
                "waits on a list in this database: one reader a list",
            ] { #expect(found.output.contains(words), "\(words)") }
            try await server.run(["ACL SETUSER ctid -blpop"])
            let unusable = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(unusable.status == 69)
            #expect(unusable.output.contains("is not usable: ") && unusable.output.contains("run BLMOVE"))
            try await server.run(["DEL \(RedisServer.inbound)", "SET \(RedisServer.inbound) x"])
            let wrong = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(wrong.status == 69)
            #expect(wrong.output.contains("holds a string, not a list"))
        }
        waiting.cancel()
    }

    // MARK: Two readers

    @Test("two daemons never share a data folder; commands that read beside the daemon may")
    func twoDaemons() async throws {
        try await Acme.run { _, daemon in
            let second = try await Child.run("run", "--config", daemon.folder)
            #expect(second.status == 78)
            #expect(second.errors.contains("another ctid (pid \(daemon.pid)) already runs on \(daemon.folder)/data"))
            #expect(try await Child.run("check", "--probe", "--config", daemon.folder).status == 0)
            #expect(try await daemon.get("/readyz").status == 200)
        }
    }

    @Test("at least once: what another reader took is noticed, said once a minute, and degrades the tenant")
    func anotherReader() async throws {
        let server = try await TroubledServer("acme", delivery: "at-least-once")
        try await TroubledServer.run([server]) { daemon in
            var pushed = 0
            func taken() async throws -> Double {
                try await daemon.metric("ctid_other_reader_total", tenant: "acme")
            }
            // Whoever comes between the fetching and the removal: it takes a few tries.
            try await eventually("the other reader to be noticed twice") {
                pushed += 1
                try await server.push(Acme.call("c\(pushed)"), thenTake: true)
                return try await taken() >= 2
            }
            let tenant = try #require(try await Readyz(daemon).tenants["acme"])
            #expect(tenant.state == "degraded")
            #expect(tenant.reason == "another reader takes calls from the same list")
            try await daemon.says("taken by another reader of the same list", once: true)
            #expect(try await daemon.get("/readyz").status == 200)
        }
    }

    @Test("at most once: another client that waits in the same database is warned of, our own are not")
    func anotherClient() async throws {
        let server = try await TroubledServer("acme")
        let other = try await TroubledServer("bravo")
        let waiting = Task { try await other.run(["BRPOP elsewhere 30"]) }
        try await eventually("another client to wait") { try await other.text("CLIENT LIST").contains("cmd=brpop") }
        try await TroubledServer.run([server, other], more: ["quiet": server.tenant]) { daemon in
            try await eventually("the warning") {
                daemon.log.contains("tenant=bravo [CTIPipeline] another client waits")
            }
            try await daemon.says("another client waits", once: true)
            #expect(try await server.text("CLIENT LIST").contains("name=ctid-acme"))
        }
        waiting.cancel()
    }

    // MARK: What is said

    @Test("dead letters are said once, without the payload; silence is a number; metrics count")
    func promptlySaid() async throws {
        let server = try await TroubledServer("acme")
        try await TroubledServer.run([server]) { daemon in
            for _ in 0..<3 { try await server.push(#"{"type":"call","payload":{"number":"0821234567"}}"#) }
            try await server.push(Acme.call("good"))
            try await eventually("all to be counted") {
                try await daemon.metric("ctid_notifications_total", tenant: "acme") == 4
            }
            try await daemon.counts(3, "ctid_dead_letters_total", tenant: "acme")
            let lines = daemon.log.split(separator: "\n").filter { $0.contains("could not be handled") }
            #expect(lines.count == 1)
            #expect(lines.first?.contains("(missing-field): kept as dead letter") == true)
            #expect(lines.first?.contains("ctid deadletters list --tenant acme") == true)
            #expect(!daemon.log.contains("0821234567"))
            let healthy = try #require(try await Readyz(daemon).tenants["acme"]?.secondsSinceAnswer)
            #expect(healthy < 5)
            server.signal(SIGSTOP)
            try await eventually("the silence to be told", within: .seconds(15)) {
                let silence = try await Readyz(daemon).tenants["acme"]?.secondsSinceAnswer ?? 0
                let metric = try await daemon.metric("ctid_redis_seconds_since_answer", tenant: "acme")
                let isUp = try await daemon.metric("ctid_redis_up", tenant: "acme")
                return silence > 5 && metric > 5 && isUp == 0
            }
            // Now it waits for a greeting that never comes, or for its next try: neither holds up the end.
            let (outcome, took) = await daemon.stop()
            #expect(outcome.status == 0)
            #expect(took < .milliseconds(2000), "a greeting was waited for: \(took)")
        }
    }

    // MARK: Large elements

    @Test(
        "a batch that is too large for one reply is fetched in smaller ones, an element that is too large is told",
        arguments: [
            ("at-least-once", "is larger than 64 MiB, and all others wait behind it"),
            ("at-most-once", "is lost: it was larger than 64 MiB"),
        ])
    func promptlyLarge(delivery: String, words: String) async throws {
        let isKept = delivery == "at-least-once"
        let server = try await TroubledServer("acme", delivery: delivery)
        let megabyte = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        try await TroubledServer.run([server]) { daemon in
            let stream = try await daemon.stream(agent: "1007")
            if isKept {
                // All at once: one at a time they would be taken as they come.
                try await server.pushAll([[UInt8]](repeating: megabyte, count: 80) + [Array(Acme.call("c1").utf8)])
                try await stream.event("pop", ref: "c1", within: .seconds(30))
                try await daemon.counts(80, "ctid_dead_letters_total", tenant: "acme")
                try await daemon.says("fewer are fetched at a time")
            }
            try await server.push([UInt8](repeating: UInt8(ascii: "y"), count: 65 << 20))
            try await eventually("the element to be told", within: .seconds(20)) { daemon.log.contains(words) }
            if isKept {
                let tenant = try await Readyz(daemon).tenants["acme"]
                #expect(tenant?.reason?.contains("take it away with LPOP \(RedisServer.inbound)") == true)
                // As LPOP, but without the element, which is too large for this test's connection, too.
                try await server.run(["LTRIM \(RedisServer.inbound) 1 -1"])
            }
            try await server.push(Acme.call("c2"))
            try await stream.event("pop", ref: "c2", within: .seconds(12))
        }
    }
}
