import Foundation
import Testing

/// `realtime` actions, from the PBX's list through the built daemon to Socket.IO servers that others wrote.
@Suite(
    .serialized,
    .enabled(if: RealtimeServer.isHere, "SKIPPED: .build/peers is not there, Tools/peers.sh makes it"))
struct SocketIODaemonTests {
    private static func sink(_ server: RealtimeServer, _ more: String = "") -> String {
        "{ url: \"\(server.url)\", engine: \(server.revision)\(more.isEmpty ? "" : ", \(more)") }"
    }

    private static func sinks(_ sinks: String...) -> String {
        "sinks: { socketio: [ \(sinks.joined(separator: ", ")) ] }"
    }

    /// The calls' references, in the order in which the events came.
    private func calls(_ server: RealtimeServer) -> [String] {
        server.received.compactMap { line in
            let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return (event?["channel"] as? [String: Any])?["uniqueid"] as? String
        }
    }

    private func push(_ refs: [String], to redis: RedisServer) async throws {
        for ref in refs { try await redis.push(Acme.call(ref)) }
    }

    private func names(_ range: ClosedRange<Int>) -> [String] { range.map { "c\($0)" } }

    @Test func bothRevisionsGetWhatTheRulesAskFor() async throws {
        let token = "a-token-that-is-nowhere-else"
        try await RealtimeServer.run(3, #""token":"\#(token)""#) { three in
            try await RealtimeServer.run(4, #""token":"\#(token)","namespace":"/cti""#) { four in
                let file = "\(three.folder)/token"
                _ = FileManager.default.createFile(
                    atPath: file, contents: Data(token.utf8), attributes: [.posixPermissions: 0o600])
                let more = Self.sinks(
                    Self.sink(three, "token_file: \(file)"),
                    Self.sink(four, "namespace: /cti, token_file: \(file)"))
                try await Acme.run(daemon: "log: { level: trace }", more: more) { redis, daemon in
                    try await push(["c1"], to: redis)
                    for server in [three, four] {
                        try await eventually("the event") { calls(server) == ["c1"] }
                        let event = try #require(server.received.first)
                        #expect(event.contains(#""type":"SalesCTI""#) && event.contains(#""reference":"42""#))
                        #expect(event.contains(#""agentnum":"1007""#) && event.contains(#""callernum":"0821234567""#))
                    }
                    #expect(!daemon.log.contains(token))
                    #expect(!daemon.log.contains("0821234567"))
                }
            }
        }
    }

    @Test(arguments: [3, 4]) func promptlyAServerThatIsAwayGetsEachOnceWhenItIsBack(revision: Int) async throws {
        try await RealtimeServer.run(revision) { server in
            try await Acme.run(delivery: "at-least-once", more: Self.sinks(Self.sink(server))) { redis, daemon in
                try await push(names(1...5), to: redis)
                // What the server has, but has not acknowledged when it dies, comes again.
                try await daemon.counts(5, "ctid_sink_delivered_total", tenant: "acme")
                await server.kill()
                try await eventually("the loss to be said") { daemon.log.contains("tried again until it works") }
                try await push(names(6...25), to: redis)
                try await eventually("the calls to be recorded") { try await daemon.calls().contains(#""c25""#) }
                try await server.restart()
                try await eventually("the connection", within: .seconds(40)) { daemon.log.contains("connected again") }
                let connected = ContinuousClock.now
                try await eventually("the later calls", within: .seconds(40)) { calls(server).count >= 25 }
                #expect(connected.duration(to: .now) < .seconds(3))
                #expect(calls(server).count == 25 && Set(calls(server)) == Set(names(1...25)))
            }
        }
    }

    @Test(arguments: [3, 4]) func promptlyAKilledDaemonGoesOnWhereItWas(revision: Int) async throws {
        try await RealtimeServer.run(revision) { server in
            let redis = try await RedisServer()
            let folder = try TemporaryFolder.make()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let file = Acme.tenant(redis, delivery: "at-least-once", more: Self.sinks(Self.sink(server)))
            try DaemonUnderTest.configure(["acme": file], in: folder)
            let first = try await DaemonUnderTest(folder: folder)
            try await push(names(1...10), to: redis)
            try await eventually("the first calls") { calls(server).count == 10 }
            await server.kill()
            try await push(names(11...30), to: redis)
            try await eventually("the calls to be recorded") { try await first.calls().contains(#""c30""#) }
            _ = await first.stop(SIGKILL)
            try await server.restart()
            let second = try await DaemonUnderTest(folder: folder)
            let outcome: Result<Void, any Error>
            do {
                try await eventually("all calls", within: .seconds(30)) {
                    Set(calls(server)) == Set(names(1...30))
                }
                // Its place is noted a moment after a delivery: a killed daemon may tell the last ones again.
                #expect(calls(server).count <= 40)
                outcome = .success(())
            } catch { outcome = .failure(error) }
            _ = await second.stop(SIGKILL)
            await redis.stop()
            try outcome.get()
        }
    }

    @Test func promptlyWhatIsTooOldIsADeadLetterAndNotSent() async throws {
        try await RealtimeServer.run(4) { server in
            try await Acme.run(more: Self.sinks(Self.sink(server, "ttl: 1s"))) { redis, daemon in
                try await push(["c1"], to: redis)
                try await daemon.counts(1, "ctid_sink_delivered_total", tenant: "acme")
                await server.kill()
                try await push(["old"], to: redis)
                try await eventually("it to be given up", within: .seconds(20)) {
                    let metrics = try await daemon.get("/metrics").body
                    return metrics.split(separator: "\n").contains {
                        $0.hasPrefix("ctid_sink_dead_letters_total{") && $0.hasSuffix(" 1")
                    }
                }
                try await server.restart()
                try await eventually("the connection", within: .seconds(20)) { daemon.log.contains("connected again") }
                try await push(["new"], to: redis)
                try await eventually("the new call") { calls(server).contains("new") }
                #expect(calls(server) == ["c1", "new"])
            }
        }
    }

    /// A stop tells what was recorded before, and does not wait for what is not there.
    @Test(arguments: [true, false]) func promptlyStops(isThere: Bool) async throws {
        try await RealtimeServer.run(4) { server in
            try await Acme.run(daemon: "shutdown_timeout: 4s", more: Self.sinks(Self.sink(server))) { redis, daemon in
                try await push(["c1"], to: redis)
                try await eventually("the first call") { calls(server) == ["c1"] }
                if !isThere { await server.kill() }
                try await push(["c2"], to: redis)
                try await eventually("the call to be recorded") { try await daemon.calls().contains(#""c2""#) }
                let ending = await daemon.stop()
                #expect(ending.outcome.status == 0 && ending.took < .seconds(6), "\(ending.took)")
                if isThere { #expect(calls(server) == ["c1", "c2"]) }
            }
        }
    }
}
