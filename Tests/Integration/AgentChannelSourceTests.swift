import Glibc
import Hiredis
import Synchronization
import Testing

@testable import CTIPipeline

/// A channel source and a server that falls silent, breaks off or mixes what it says: what is heard, and how old it is.
@Suite(.timeLimit(.minutes(3)))
struct AgentChannelSourceTests {
    private static let subscribed = list(["psubscribe", "agents:*"], count: 3) + "\r\n:1"
    private static let pong = list(["pong", ""])

    /// What is said on its own account, in Redis's protocol.
    private static func message(_ text: String) -> String { list(["pmessage", "agents:*", "agents:1007", text]) }

    private static func list(_ elements: [String], count: Int? = nil) -> String {
        (["*\(count ?? elements.count)"] + elements.map { "$\($0.utf8.count)\r\n\($0)" }).joined(separator: "\r\n")
    }

    @Test("a message is as old as the question before it: one that came before the answer may be older")
    func ages() async throws {
        let pings = Mutex(0)
        let server = try ScriptedRedis { _, words in
            if words[0] == "PSUBSCRIBE" { return .reply(Self.subscribed) }
            let count = pings.withLock { pings in
                pings += 1
                return pings
            }
            guard count == 1 else { return .reply(Self.pong) }
            return .reply([Self.message("before"), Self.pong, Self.message("after")].joined(separator: "\r\n"))
        }
        defer { server.stop() }
        try await withSource(server) { listener, _ in
            try await eventually("both") { await listener.heard.map(\.text) == ["before", "after"] }
            let ages = await listener.heard.map(\.ageBound)
            #expect(ages[0] >= Self.ping && ages[1] < ages[0])
            // Messages are no answers: the connection goes on being asked, and is alive.
            try await eventually("more questions") { pings.withLock { $0 } > 5 }
            #expect(await listener.reports == ["subscribed"])
        }
    }

    @Test("what was read before the end of a connection is handed over, and the next one is subscribed anew")
    func brokenOff() async throws {
        let server = try ScriptedRedis { connection, words in
            if words[0] == "PING" { return connection == 1 ? .close : .reply(Self.pong) }
            return .reply([Self.subscribed, Self.message("m\(connection)")].joined(separator: "\r\n"))
        }
        defer { server.stop() }
        try await withSource(server) { listener, source in
            try await eventually("both") { await listener.heard.map(\.text) == ["m1", "m2"] }
            #expect(await listener.reports == ["subscribed", "failed: unreachable", "subscribed"])
            #expect(await source.status.connects == 2)
        }
    }

    @Test("a server that answers no question any more is given up, however much it says of its own account")
    func silent() async throws {
        let isSilent = Mutex(true)
        let server = try ScriptedRedis { connection, words in
            if words[0] == "PSUBSCRIBE" { return .reply(Self.subscribed) }
            let wasSilent = isSilent.withLock { $0 }
            return .reply(wasSilent && connection == 1 ? Self.message("no answer") : Self.pong)
        }
        defer { server.stop() }
        try await withSource(server) { listener, _ in
            try await eventually("another connection") { await listener.reports.count >= 3 }
            #expect(await listener.reports == ["subscribed", "failed: timeout", "subscribed"])
            #expect(server.commands(over: 1).filter { $0 == ["PING"] }.count == 1)
        }
    }

    @Test("it is stopped at once, also while it waits to be subscribed")
    func stopped() async throws {
        let server = try ScriptedRedis { _, words in
            usleep(500_000)
            return .close
        }
        defer { server.stop() }
        try await withSource(server, grace: .seconds(20)) { listener, source in
            try await eventually("the question") { server.commands(over: 1) == [["PSUBSCRIBE", "agents:*"]] }
            await source.stop()
            try await eventually("its end") { await listener.reports == ["stopped"] }
        }
    }

    // MARK: Scenes

    private static let ping = Duration.milliseconds(30)

    private func withSource(
        _ server: ScriptedRedis, grace: Duration = .seconds(2),
        _ body: (Listener, RedisChannelSource) async throws -> Void
    ) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let listener = Listener(loop: loop)
        let settings = RedisChannelSettings(
            endpoint: server.endpoint, pattern: "agents:*", ping: Self.ping, grace: grace)
        let source = RedisChannelSource(settings, loop: loop, consumer: listener)
        try await withThrowingTaskGroup { group in
            group.addTask { await source.run() }
            // It ends by being stopped alone, also where something was thrown.
            let result: Result<Void, any Error>
            do { result = .success(try await body(listener, source)) } catch { result = .failure(error) }
            await source.stop()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Keeps what it hears.
    private actor Listener: ChannelConsumer {
        let loop: RedisEventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        private(set) var heard: [(text: String, ageBound: Duration)] = []
        private(set) var reports: [String] = []

        init(loop: RedisEventLoop) { self.loop = loop }

        func take(channelMessages messages: [ChannelMessage], ageBound: Duration) {
            heard += messages.map { (String(decoding: $0.payload, as: UTF8.self), ageBound) }
        }

        func channels(_ source: RedisChannelSource, report: ChannelReport) {
            switch report {
            case .subscribed: reports.append("subscribed")
            case .failed(let trouble, _): reports.append("failed: \(trouble.code.rawValue)")
            case .stopped: reports.append("stopped")
            }
        }
    }
}
