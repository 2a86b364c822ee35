import Foundation
import Glibc
import Hiredis
import Testing

/// The list of call records beside the inbound list, with the built binary: calls end, and neither list waits for the
/// other.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct CallRecordTests {
    private static let keys = #"cdr: "enigma:notifications:cdr""#

    private func push(_ record: String, to server: TroubledServer) async throws {
        try await server.run(["RPUSH \(Acme.records) \(record)"])
    }

    @Test("a call pops, and its record ends it", arguments: ["at-least-once", "at-most-once"])
    func promptlyEnds(_ delivery: String) async throws {
        let server = try await TroubledServer("acme", delivery: delivery, keys: Self.keys)
        try await TroubledServer.run([server]) { daemon in
            let stream = try await daemon.stream(agent: "1007")
            try await server.push(Acme.call("c1"))
            try await stream.event("pop", ref: "c1")
            try await push(Acme.record("c1"), to: server)
            let clear = try await stream.event("clear", ref: "c1")
            #expect(clear["reason"] == "ended")
            let told = stream.events.filter { $0.name == "call" }.map { $0["event"] }
            #expect(told == ["up", "hangup"])
            try await eventually("both lists to be empty") {
                let lengths = try await server.run(["LLEN \(RedisServer.inbound)", "LLEN \(Acme.records)"])
                return lengths.map(\.integer) == [0, 0]
            }
            try await daemon.says("list \(Acme.records)")
            #expect(!daemon.log.contains("another client") && !daemon.log.contains("does nothing with it"))
            let (outcome, took) = await daemon.stop()
            #expect(outcome.status == 0 && took < .seconds(2))
        }
    }

    @Test("a record before its call: the call is over, and takes no screen")
    func recordFirst() async throws {
        let server = try await TroubledServer("acme", keys: Self.keys)
        try await TroubledServer.run([server]) { daemon in
            let stream = try await daemon.stream(agent: "1007")
            try await push(Acme.record("c1"), to: server)
            try await stream.event("call", ref: "c1")
            try await server.push(Acme.call("c1"))
            try await server.push(Acme.call("c2"))
            try await stream.event("pop", ref: "c2")
            #expect(!stream.events.contains { $0.name == "pop" && $0["call.ref"] == "c1" })
        }
    }

    @Test("killed in the midst of records, at-least-once loses none and records none twice")
    func killed() async throws {
        try await withScene { redis, folder in
            try await kill(redis, folder, LogFileUnderTest(folder: folder))
        }
    }

    private func withScene(_ body: (RedisServer, String) async throws -> Void) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        let file = """
            redis: { url: "unix://\(redis.socket)?db=0", delivery: at-least-once, keys: { \(Self.keys) } }
            """
        try DaemonUnderTest.configure(["acme": file], in: folder)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(redis, folder)) } catch { outcome = .failure(error) }
        await redis.stop()
        try? FileManager.default.removeItem(atPath: folder)
        try outcome.get()
    }

    @Test(
        "a record that ends the daemon three times becomes a dead letter; the calls, and the other records, are handled"
    )
    func poison() async throws {
        try await withScene { redis, folder in
            for ref in ["a", "poison", "b"] { try await redis.run("RPUSH", Acme.records, Acme.record(ref)) }
            try await redis.push(Acme.call("c"))
            var deaths = 0
            while deaths < 5, try await !survives(folder) { deaths += 1 }
            #expect(deaths == 3)
            let daemon = try await DaemonUnderTest(folder: folder)
            try await eventually("both lists to be empty") {
                let records = try await redis.run("LLEN", Acme.records).integer
                let calls = try await redis.length()
                return records == 0 && calls == 0
            }
            _ = await daemon.stop()
            #expect(try LogFileUnderTest(folder: folder).entries(.call) == ["a": 1, "b": 1, "c": 1])
        }
    }

    /// A daemon that ends itself where a notification says "poison"; it is stopped where it does not any more.
    private func survives(_ folder: String) async throws -> Bool {
        // Nobody reads the backtrace, which takes seconds to make.
        let environment = ["CTID_CRASH_ON=poison", "SWIFT_BACKTRACE=enable=no"]
        let daemon = try Child("/usr/bin/env", environment + [Child.ctid, "run", "--config", folder])
        try await eventually("the daemon to work or to end") {
            daemon.errors.contains("ended the daemon 3 times") || !daemon.isRunning
        }
        let isWorking = daemon.errors.contains("ended the daemon 3 times")
        daemon.signal(SIGTERM)
        _ = await daemon.ended()
        return isWorking
    }

    private func kill(_ redis: RedisServer, _ folder: String, _ log: LogFileUnderTest) async throws {
        let refs = (0..<400).map { "k\($0)" }
        for ref in refs { try await redis.push(Acme.call(ref)) }
        var rest = refs[...]
        for _ in 0..<8 {
            let daemon = try await DaemonUnderTest(folder: folder)
            let push = Task { [part = rest.prefix(50)] in
                for ref in part {
                    try await redis.run("RPUSH", Acme.records, Acme.record(ref))
                    if ref.hasSuffix("7") { try await redis.push(Acme.call("new-\(ref)")) }
                }
            }
            rest = rest.dropFirst(50)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...60)))
            _ = await daemon.stop(SIGKILL)
            try await push.value
        }
        let daemon = try await DaemonUnderTest(folder: folder)
        try await eventually("both lists to be empty") {
            let records = try await redis.run("LLEN", Acme.records).integer
            let calls = try await redis.length()
            return records == 0 && calls == 0
        }
        _ = await daemon.stop()
        let recorded = try log.entries(.call)
        // Its beginning and its end; some have begun meanwhile.
        let expected = refs.map { ($0, 2) } + refs.filter { $0.hasSuffix("7") }.map { ("new-\($0)", 1) }
        #expect(recorded == Dictionary(uniqueKeysWithValues: expected))
        #expect(!daemon.log.contains("could not be handled"))
    }

    // MARK: Trouble of one list

    @Test("a list of records of the wrong type: calls go on popping, and /readyz says so, until it is mended")
    func promptlyTellsOfAWrongType() async throws {
        let server = try await TroubledServer("acme", delivery: "at-least-once", keys: Self.keys)
        try await server.run(["SET \(Acme.records) x"])
        try await TroubledServer.run([server]) { daemon in
            try await eventually("/readyz to tell") {
                let tenant = try await Readyz(daemon).tenants["acme"]
                return tenant?.state == "degraded"
                    && tenant?.reason?.contains("\(Acme.records) in Redis at") == true
                    && tenant?.reason?.contains("holds a string, not a list: check redis.keys.cdr") == true
            }
            try await expectPop("c1", at: server, daemon)
            try await expectUp(daemon, inbound: 1, records: 0)
            try await server.run(["DEL \(Acme.records)"])
            try await eventually("it to be ready", within: .seconds(15)) {
                try await Readyz(daemon).tenants["acme"]?.state == "ready"
            }
            try await daemon.says("Redis gives ends of calls again from \(Acme.records), after")
            try await expectUp(daemon, inbound: 1, records: 1)
        }
    }

    @Test("records that may not be read: calls go on popping, and the permission that is missing is told")
    func promptlyTellsWhatIsNotPermitted() async throws {
        let server = try await TroubledServer(
            "acme", user: "ctid", password: "secret-1", permissions: "~\(RedisServer.inbound) &* +@all",
            delivery: "at-least-once", keys: Self.keys)
        try await TroubledServer.run([server]) { daemon in
            try await eventually("/readyz to tell") {
                let tenant = try await Readyz(daemon).tenants["acme"]
                return tenant?.state == "degraded"
                    && tenant?.reason?.contains("allow it, ACL SETUSER ctid ~\(Acme.records)") == true
            }
            try await expectPop("c1", at: server, daemon)
            let probe = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(probe.status == 69)
            #expect(probe.output.contains("list \(RedisServer.inbound): empty"))
            #expect(probe.output.contains("user ctid use \(Acme.records)"))
            try await server.run(["ACL SETUSER ctid ~\(Acme.records)"])
            let mended = try await Child.run("check", "--probe", "--config", daemon.folder)
            #expect(mended.status == 0 && mended.output.contains("list \(Acme.records): empty"))
        }
    }

    private func expectPop(_ ref: String, at server: TroubledServer, _ daemon: DaemonUnderTest) async throws {
        let stream = try await daemon.stream(agent: "1007")
        try await server.push(Acme.call(ref))
        try await stream.event("pop", ref: ref, within: .seconds(2))
    }

    private func expectUp(_ daemon: DaemonUnderTest, inbound: Int, records: Int) async throws {
        try await daemon.shows(
            #"ctid_redis_up{tenant="acme"} \#(inbound)"#, #"ctid_redis_up{tenant="acme",list="cdr"} \#(records)"#)
    }

    // MARK: Commands

    @Test("a record that cannot be handled is a dead letter, and comes back as a record through the inbound list")
    func deadLetter() async throws {
        let server = try await TroubledServer("acme", keys: Self.keys)
        try await TroubledServer.run([server]) { daemon in
            try await push(#"{"type":"cdr","payload":{"number":"1"}}"#, to: server)
            func letters() async throws -> [String] {
                let tenant = ["--tenant", "acme", "--config", daemon.folder]
                let found = try await Child(Child.ctid, ["deadletters", "list", "--json"] + tenant).ended()
                return found.lines.filter { !$0.isEmpty }
            }
            try await eventually("a dead letter") { try await letters().count == 1 }
            let before = try await letters()
            // Of the inbound list it would be of unknown type.
            #expect(before[0].contains("missing-field"))
            let requeued = try await Child.run(
                "deadletters", "requeue", "--all", "--tenant", "acme", "--config", daemon.folder)
            #expect(requeued.status == 0)
            try await eventually("it to come back") {
                let after = try await letters()
                return after.count == 1 && after != before && after[0].contains("missing-field")
            }
        }
    }

    @Test("send --end ends a call of either generation, and says where no records are read")
    func sendEnd() async throws {
        let server = try await TroubledServer("acme", keys: Self.keys)
        let plain = try await TroubledServer("plain")
        try await TroubledServer.run([server, plain]) { daemon in
            let stream = try await daemon.stream(agent: "1007")
            func send(_ tenant: String, _ more: String...) async throws -> Child.Outcome {
                let fixed = ["--tenant", tenant, "--config", daemon.folder, "--number", "0821234567"]
                return try await Child(Child.ctid, ["send"] + fixed + ["--extension", "1007"] + more).ended()
            }
            for generation in ["v3", "pre-v3"] {
                _ = try await send("acme", "--call-ref", generation, "--generation", generation)
                try await stream.event("pop", ref: generation)
                let end = try await send(
                    "acme", "--call-ref", generation, "--generation", generation, "--end", "agent_hungup",
                    "--call-time", "95")
                #expect(end.status == 0 && end.output == "\(generation)\n")
                try await stream.event("clear", ref: generation)
            }
            let nowhere = try await send("plain", "--call-ref", "x", "--end", "agent_hungup")
            #expect(nowhere.status == 78 && nowhere.errors.contains("expected redis.keys.cdr"))
            #expect(try await send("acme", "--end", "agent_hungup").status == 64)
            #expect(try await send("acme", "--call-ref", "x", "--end", "bored").status == 64)
            #expect(try await send("acme", "--call-time", "5").status == 64)
        }
    }
}
