import CTICore
import CTIHub
import Foundation
import Hiredis
import NIOCore
import NIOPosix
import Synchronization

/// Many WebSocket sessions, most of them idle, and one event to some of them: the server's memory a session, its
/// processor time a delivery, and how long it takes until the last has it.
///
///     ctid-bench sessions KIND PORT PID SESSIONS LISTENERS ROUNDS [REDIS-SOCKET SECRET-FILE]
///
/// `ctid` is told by its PBX's list, as a call is; the rivals by `GET /trigger`.
struct SessionBench {
    enum Kind: String { case ctid, socketio, ws }

    let kind: Kind
    let port: Int
    let pid: Int
    let sessions: Int
    let listeners: Int
    let rounds: Int
    let redisSocket: String?
    let secretFile: String?

    private static let tenant = "bench"

    func run() async throws -> String {
        let before = try ServerProcess(pid: pid).residentBytes
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let tally = SessionTally()
        let minter = try await minter()
        for start in stride(from: 0, to: sessions, by: 200) {
            for index in start..<min(start + 200, sessions) {
                try await connect(isListener: index < listeners, index, group, minter, tally)
            }
            try await tally.reach(joined: min(start + 200, sessions))
        }
        try await Task.sleep(for: .seconds(2))
        let process = try ServerProcess(pid: pid)
        let memory = process.residentBytes - before
        var latencies: [Double] = []
        for round in 0..<rounds {
            tally.beginRound()
            let start = ContinuousClock.now
            try await trigger(round, group)
            let last = try await tally.reach(events: listeners)
            latencies.append((last - start) / .milliseconds(1))
            try await Task.sleep(for: .milliseconds(200))
        }
        let after = try ServerProcess(pid: pid)
        let cpu = (after.processorSeconds - process.processorSeconds) / Double(rounds * listeners)
        try await group.shutdownGracefully()
        latencies.sort()
        return """
            {"name":"sessions \(kind.rawValue)","sessions":\(sessions),"listeners":\(listeners),"rounds":\(rounds),\
            "residentBytes":\(process.residentBytes),"bytesPerSession":\(memory / sessions),\
            "microsecondsPerDelivery":\(cpu * 1_000_000),"toTheLastMs":{"median":\(latencies[latencies.count / 2]),\
            "worst":\(latencies.last ?? 0)}}
            """
    }

    private func minter() async throws -> TokenMinter? {
        guard let secretFile else { return nil }
        return try await TokenMinter(hs256Secret: Array(try Data(contentsOf: URL(fileURLWithPath: secretFile))))
    }

    private func connect(
        isListener: Bool, _ index: Int, _ group: MultiThreadedEventLoopGroup, _ minter: TokenMinter?,
        _ tally: SessionTally
    ) async throws {
        var join: String?
        switch kind {
        case .ws: break
        case .socketio: join = isListener ? #"{"listener":true}"# : "{}"
        case .ctid:
            guard let minter, let tenant = TenantID(Self.tenant) else {
                throw SessionFailure("a secret's file is needed")
            }
            let token = try await minter.mint(
                extension: isListener ? nil : Extension("\(10_000 + index)"), tenant: tenant,
                scopes: [isListener ? .supervisor : .agent], ttl: .seconds(3600))
            join = #"{"token":"\#(token)"}"#
        }
        let path = kind == .ws ? (isListener ? "/?listener" : "/") : "/socket.io/?EIO=4&transport=websocket"
        let joining = join
        _ = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = SessionClient(path: path, join: joining) { tally.note($0) }
                    try channel.pipeline.syncOperations.addHandler(client)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    private func trigger(_ round: Int, _ group: MultiThreadedEventLoopGroup) async throws {
        guard kind == .ctid else {
            let channel = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get()
            let request = "GET /trigger HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            return try await channel.writeAndFlush(ByteBuffer(string: request))
        }
        guard let redisSocket else { throw SessionFailure("a Redis is needed") }
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let session = try await RedisSession(
            RedisEndpoint(address: .unix(path: redisSocket)), on: loop, within: .seconds(5))
        let call =
            #"{"type":"call","payload":{"number":"0821234567","dial_number":"0117654321","hold_time":12,"#
            + #""call_ref":"bench-\#(round)-\#(ContinuousClock.now)","contact_ref":"","call_dir":"inbound","ref":"1001"}}"#
        try await session.run(RedisCommand("RPUSH", "enigma:notifications:inbound", call))
        await session.close()
    }
}

struct SessionFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Counts who has joined, and who has this round's event.
private final class SessionTally: Sendable {
    private let state = Mutex<(joined: Int, events: Int, last: ContinuousClock.Instant)>((0, 0, .now))

    func note(_ sign: SessionClient.Sign) {
        state.withLock { state in
            switch sign {
            case .joined: state.joined += 1
            case .event:
                state.events += 1
                state.last = .now
            }
        }
    }

    func beginRound() { state.withLock { $0.events = 0 } }

    func reach(joined count: Int) async throws { try await wait("\(count) sessions") { $0.joined >= count } }

    func reach(events count: Int) async throws -> ContinuousClock.Instant {
        try await wait("\(count) deliveries") { $0.events >= count }
        return state.withLock { $0.last }
    }

    private func wait(
        _ what: String, until holds: ((joined: Int, events: Int, last: ContinuousClock.Instant)) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !(state.withLock { holds($0) }) {
            guard .now < deadline else {
                let now = state.withLock { $0 }
                throw SessionFailure("waited in vain for \(what): \(now.joined) joined, \(now.events) events")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// What Linux tells of a running process.
private struct ServerProcess {
    let residentBytes: Int
    let processorSeconds: Double

    init(pid: Int) throws {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        residentBytes = kibibytes * 1024
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = stat.split(separator: ")").last?.split(separator: " ").compactMap { Double($0) } ?? []
        // Clock ticks of 10 ms, in user and in kernel mode; the state, a letter, is not among the numbers.
        processorSeconds = fields.count > 11 ? (fields[10] + fields[11]) / 100 : 0
    }
}
