import Glibc
import Hiredis
import Synchronization
import Testing

@testable import CTIPipeline

/// A source and a server that breaks off, forbids or dawdles at the worst of moments: what is handed over, and what is
/// sent next.
@Suite(.timeLimit(.minutes(3)))
struct SourceTests {
    @Test("a round that errs half-way hands over what it had brought, with its age, and sends nothing any more")
    func halfWay() async throws {
        let pops = Mutex(0)
        let server = try ScriptedRedis { connection, words in
            if connection > 1 { return .close }
            // It is older than 6.2: one after the other.
            if words[0] == "LPOP", words.count > 2 { return .reply("-ERR wrong number of arguments for 'lpop'") }
            if let answer = ScriptedRedis.greeting(words) { return answer }
            switch words[0] {
            case "LLEN": return .reply(":5")
            case "BLPOP": return .list(["list", "a"])
            default:
                let count = pops.withLock { pops in
                    pops += 1
                    return pops
                }
                return .reply(count == 1 ? "$1\r\nb" : "-READONLY You can't write against a read only replica.")
            }
        }
        defer { server.stop() }
        // So long ago that the length is asked for at once.
        let before = ContinuousClock.now - .seconds(5)
        try await withSource(server, .atMostOnce, emptyAsOf: before) { taker, _ in
            try await eventually("both") { await taker.taken.map(\.elements) == [["a"], ["b"]] }
            #expect(await taker.taken.allSatisfy { $0.ageBound != nil })
        }
        #expect(server.commands(over: 1).filter { $0.first == "BLPOP" && $0.last != "ctid-probe" }.count == 1)
    }

    @Test("what a list's length told is forgotten with the connection: elements that come twice make no others young")
    func comeTwice() async throws {
        let isRemoved = Mutex(false)
        let server = try ScriptedRedis { connection, words in
            if let answer = ScriptedRedis.greeting(words) { return answer }
            switch (words[0], connection) {
            case ("LLEN", _): return .reply(":3")
            case ("BLMOVE", _): return .reply("$1\r\na")
            // Nothing was removed yet.
            case ("EVAL", 1): return .close
            case ("EVAL", _):
                isRemoved.withLock { $0 = true }
                return .reply(":2")
            default: return .list(isRemoved.withLock { $0 } ? ["c"] : ["a", "b"])
            }
        }
        defer { server.stop() }
        let longAgo = ContinuousClock.now - .seconds(60)
        try await withSource(server, .atLeastOnce, batch: 2, emptyAsOf: longAgo) { taker, _ in
            try await eventually("all") { await taker.taken.count >= 3 }
            let taken = await taker.taken.prefix(3)
            #expect(taken.map(\.elements) == [["a", "b"], ["a", "b"], ["c"]])
            #expect(taken.allSatisfy { ($0.ageBound ?? .zero) >= .seconds(60) }, "\(taken.map(\.ageBound))")
        }
    }

    @Test("what was popped before a permission came back is not looked for in the list")
    func deliveryChanges() async throws {
        let server = try ScriptedRedis { connection, words in
            let isRefused = words[0] == "BLMOVE" && connection == 1
            if isRefused { return .reply("-NOPERM this user has no permissions to run the 'blmove' command") }
            if let answer = ScriptedRedis.greeting(words) { return answer }
            switch (words[0], connection) {
            case ("LLEN", _): return .reply(":1")
            case ("BLPOP", 1): return .list(["list", "a"])
            case ("BLMOVE", _): return .reply("$1\r\nb")
            case ("LRANGE", _): return .list(["b"])
            case ("EVAL", _): return .reply(":-1")
            default: return .close
            }
        }
        defer { server.stop() }
        try await withSource(server, .atLeastOnce, records: false) { taker, source in
            try await eventually("the first") { await taker.taken.count == 1 }
            server.breakOff(1)
            try await eventually("at-least-once") { await source.status.delivery == .atLeastOnce }
            try await eventually("the second connection") { await source.status.connects == 2 }
            await source.recorded()
            try await eventually("the second") { await taker.taken.count == 2 }
            #expect(await taker.taken.last?.elements == ["b"])
        }
        #expect(!server.commands(over: 2).contains { $0.first == "EVAL" && $0.count > 4 })
    }

    @Test("what is recorded while the source connects anew is removed, and not fetched again")
    func recordedMeanwhile() async throws {
        let isRemoved = Mutex(false)
        let server = try ScriptedRedis { connection, words in
            if let answer = ScriptedRedis.greeting(words) { return answer }
            switch words[0] {
            case "LLEN": return .reply(":1")
            case "BLMOVE": return .reply("$1\r\na")
            case "EVAL":
                isRemoved.withLock { $0 = true }
                return .reply(":1")
            default: return .list([isRemoved.withLock { $0 } ? "b" : "a"])
            }
        }
        defer { server.stop() }
        try await withSource(server, .atLeastOnce, records: false) { taker, source in
            try await eventually("the first") { await taker.taken.count == 1 }
            await taker.recordWhenAsked()
            server.breakOff(1)
            try await eventually("the next") { await taker.taken.count == 2 }
            #expect(await taker.taken.map(\.elements) == [["a"], ["b"]])
        }
    }

    @Test("an answer that came in time is taken, although the loop was held up beyond the time allowed")
    func heldUp() async throws {
        let server = try ScriptedRedis { _, _ in .reply("+PONG") }
        defer { server.stop() }
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        #expect(try await Asker(loop: loop).ask(server.endpoint).text == "PONG")
    }

    private actor Asker {
        let loop: RedisEventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init(loop: RedisEventLoop) { self.loop = loop }

        /// The loop stands still from the moment of asking, for longer than an answer may take.
        func ask(_ endpoint: RedisEndpoint) async throws -> RedisValue {
            let connection = try await RedisConnection.open(endpoint, on: loop, timeout: .seconds(10))
            defer { connection.close() }
            Task { hold() }
            return try await connection.roundTrip(RedisCommand("PING"), within: .seconds(1))
        }

        private func hold() { sleep(4) }
    }

    // MARK: Scenes

    private func withSource(
        _ server: ScriptedRedis, _ delivery: RedisListSettings.Delivery, batch: Int = 256, records: Bool = true,
        emptyAsOf: ContinuousClock.Instant? = .now, _ body: (Taker, RedisListSource) async throws -> Void
    ) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let taker = Taker(loop: loop, recordsAtOnce: records)
        let settings = RedisListSettings(endpoint: server.endpoint, key: "list", delivery: delivery, batch: batch)
        let source = RedisListSource(settings, loop: loop, consumer: taker, emptyAsOf: emptyAsOf)
        try await withThrowingTaskGroup { group in
            group.addTask { await source.run() }
            // It ends by being stopped alone, also where something was thrown.
            let result: Result<Void, any Error>
            do { result = .success(try await body(taker, source)) } catch { result = .failure(error) }
            server.breakOff()
            await source.stop()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Keeps what it is handed.
    private actor Taker: NotificationConsumer {
        let loop: RedisEventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        let recordsAtOnce: Bool
        private(set) var taken: [(elements: [String], ageBound: Duration?)] = []
        private weak var source: RedisListSource?
        private var recordsWhenAsked = false

        init(loop: RedisEventLoop, recordsAtOnce: Bool) {
            self.loop = loop
            self.recordsAtOnce = recordsAtOnce
        }

        func recordWhenAsked() { recordsWhenAsked = true }

        func take(_ batch: NotificationBatch, from source: RedisListSource) {
            self.source = source
            taken.append((batch.elements.map { String(decoding: $0, as: UTF8.self) }, batch.ageBound))
            if recordsAtOnce { source.assumeIsolated { $0.recorded() } }
        }

        func newestRecorded(limit: Int, feed: Feed) async -> [[UInt8]] {
            if recordsWhenAsked { await source?.recorded() }
            return [Array("of earlier".utf8)]
        }

        func source(_ source: RedisListSource, report: SourceReport) {}
    }
}
