import CTICore
import Foundation
import Hiredis
import Testing

/// Events that go to Redis channels and streams, from the built daemon to a real Redis.
struct RedisSinkTests {
    private static let rules = """
          - name: Everybody's record
            on: [up]
            do: [ { open: { url: "https://crm.example/{callRef}", mode: new_frame } } ]
        """

    /// - Parameter sink: members of the one Redis sink, besides the address of the test's own Redis.
    private func run(
        _ sink: String, url: String? = nil, _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        try await Acme.run(body) { redis in
            """
            redis: { url: "unix://\(redis.socket)?db=0", keys: { cdr: "\(Acme.records)" } }
            agents: [ { extension: "1007", name: John Doe, peer: SIP/john.doe } ]
            rules:
            \(Self.rules)
            sinks: { redis: [ { url: "\(url ?? "unix://\(redis.socket)?db=1")", \(sink) } ] }
            """
        }
    }

    private func stream(_ redis: RedisServer, _ key: String) async throws -> [[String]] {
        let session = try await RedisSession(
            RedisEndpoint(address: .unix(path: redis.socket), database: 1), on: redis.loop, within: .seconds(60))
        let entries = try await session.run(RedisCommand("XRANGE", key, "-", "+")).elements
        await session.close()
        return entries.map { $0.elements[1].elements.map { $0.text ?? "" } }
    }

    @Test func whoeverListensHearsOfEachEventInTheDialectAskedFor() async throws {
        try await run("channel: \"{tenant}/{event}/{extension}\", dialect: xcally") { redis, daemon in
            let listener = try Child(
                "/usr/bin/redis-cli", ["-s", redis.socket, "-n", "1", "PSUBSCRIBE", "acme/*"])
            defer { listener.signal(SIGKILL) }
            try await eventually("the listener to listen") { listener.output.contains("psubscribe") }
            try await redis.run("RPUSH", "enigma:notifications:inbound", Acme.call("one"))
            try await eventually("the call to be heard of") { listener.output.contains("acme/up/1007") }
            try await redis.run("RPUSH", Acme.records, Acme.record("one"))
            try await eventually("its end to be heard of") { listener.output.contains("acme/hangup/1007") }
            let line = try #require(listener.output.split(separator: "\n").first { $0.hasPrefix("{") })
            let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(event["uniqueid"] as? String == "one")
            #expect(event["agentnum"] as? String == "1007")
            #expect(event["up"] as? Bool == true)
        }
    }

    @Test func aStreamKeepsTheNewestAndEachOnce() async throws {
        try await run("stream: calls, stream_length: 5") { redis, daemon in
            for number in 1...8 {
                try await redis.run("RPUSH", "enigma:notifications:inbound", Acme.call("call-\(number)"))
            }
            try await eventually("the last to be there") {
                try await stream(redis, "calls").last?.last?.contains("call-8") == true
            }
            let entries = try await stream(redis, "calls")
            #expect(entries.count == 5)
            #expect(entries.map { $0.prefix(3) } == Array(repeating: ["event", "up", "data"], count: 5))
            let refs = entries.map { CallFrame(json: Array(($0.last ?? "").utf8))?.call.ref.rawValue }
            #expect(refs == (4...8).map { "call-\($0)" })
        }
    }

    @Test func aStreamThatOthersWriteToTakesOursToo() async throws {
        try await run("stream: calls") { redis, daemon in
            let session = try await RedisSession(
                RedisEndpoint(address: .unix(path: redis.socket), database: 1), on: redis.loop, within: .seconds(60))
            // Beyond all that positions reach.
            try await session.run(RedisCommand("XADD", "calls", "18446744073709551000-0", "event", "theirs"))
            await session.close()
            try await redis.run("RPUSH", "enigma:notifications:inbound", Acme.call("ours"))
            try await eventually("ours to be there") { try await stream(redis, "calls").count == 2 }
            #expect(try await stream(redis, "calls").last?.last?.contains("\"ours\"") == true)
        }
    }

    @Test func onlyTheEventsAskedForAreTold() async throws {
        try await run("stream: ends, events: [hangup]") { redis, daemon in
            try await redis.run("RPUSH", "enigma:notifications:inbound", Acme.call("one"))
            let stream = try await daemon.stream(agent: "1007")
            try await eventually("the call to be known") {
                try await daemon.get("/v1/acme/calls", token: daemon.token(scope: "supervisor")).body.contains("one")
            }
            try await redis.run("RPUSH", Acme.records, Acme.record("one"))
            try await eventually("its end to be there") { try await self.stream(redis, "ends").count == 1 }
            #expect(try await self.stream(redis, "ends")[0].prefix(2) == ["event", "hangup"])
            stream.close()
        }
    }

    @Test func promptlyARedisThatIsAwayIsSaidAndDelaysNoPop() async throws {
        try await run("dialect: ctid", url: "redis://127.0.0.1:1/0") { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            try await redis.run("RPUSH", "enigma:notifications:inbound", Acme.call("one"))
            _ = try await stream.event("pop")
            try await eventually("the outage to be said") {
                let metrics = try await daemon.get("/metrics").body
                return metrics.contains(
                    "ctid_sink_up{tenant=\"acme\",sink=\"redis 127.0.0.1:1/0 PUBLISH ctid:{tenant}:{event}\"} 0")
            }
            #expect(try await daemon.get("/readyz").body.contains("degraded"))
            try await daemon.says("takes nothing")
            // It waits in the log: a stop is not held up.
            #expect(await daemon.stop().took < .seconds(5))
        }
    }

    @Test func promptlyGivesUpWhatCanBeDeliveredLater() async throws {
        let away = try await RedisServer()
        await away.kill()
        let url = "unix://\(away.socket)?db=1"
        try await run("stream: calls, ttl: 1s", url: url) { redis, daemon in
            func command(_ arguments: String...) async throws -> Child.Outcome {
                try await Child(Child.ctid, arguments + ["--config", daemon.folder, "--tenant", "acme"]).ended()
            }
            try await redis.run("RPUSH", "enigma:notifications:inbound", Acme.call("one"))
            try await eventually("it to be given up", within: .seconds(20)) {
                try await command("deadletters", "list").output.contains("up of call one to redis")
            }
            #expect(try await command("explain", "one").output.contains("Not delivered to redis"))
            // Not there yet: it stays a dead letter.
            #expect(try await command("deadletters", "requeue", "--all").status == 1)
            #expect(try await command("deadletters", "list", "--json").output.contains("\"code\":\"expired\""))
            try await away.restart()
            let outcome = try await command("deadletters", "requeue", "--all")
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("delivered"))
            #expect(try await stream(away, "calls").count == 1)
            #expect(try await command("deadletters", "list", "--json").output.isEmpty)
        }
        await away.stop()
    }
}
