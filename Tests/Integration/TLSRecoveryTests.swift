import Foundation
import Hiredis
import TestCertificates
import Testing

/// A Redis over TLS in trouble: nothing is lost, nothing hangs for ever, nothing is left open.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TLSRecoveryTests {
    @Test("a server that freezes is noticed, in a hand-shake, too; once it goes on, calls pop")
    func frozen() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            try await redis.run(redis.tenant()) { daemon in
                redis.server.signal(SIGSTOP)
                for words in ["no answer within the time allowed", "it says nothing to a TLS hand-shake"] {
                    try await eventually("it to be told: \(words)", within: .seconds(60)) {
                        try await Readyz(daemon).tenants["acme"]?.reason?.contains(words) == true
                    }
                }
                redis.server.signal(SIGCONT)
                let stream = try await daemon.stream(agent: "1007")
                try await redis.server.push(Acme.call("one"))
                try await stream.event("pop", ref: "one", within: .seconds(60))
            }
        }
    }

    @Test("of calls that come while the server is killed again and again, none is lost and none comes twice")
    func killed() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            try await redis.run(redis.tenant()) { daemon in
                let refs = (0..<300).map { "call-\($0)" }
                for (index, ref) in refs.enumerated() {
                    if index % 100 == 50 {
                        await redis.server.kill()
                        try await redis.server.restart()
                    }
                    try await redis.server.push(Acme.call(ref))
                }
                let log = LogFileUnderTest(folder: daemon.folder)
                try await eventually("all to be recorded", within: .seconds(60)) {
                    try log.entries(.call).count == refs.count
                }
                try await eventually("the list to be empty", within: .seconds(60)) {
                    try await redis.server.length() == 0
                }
                #expect(try log.entries(.call) == Dictionary(uniqueKeysWithValues: refs.map { ($0, 1) }))
            }
        }
    }

    @Test("a backlog of 20,000 goes through, each once")
    func backlog() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            let count = 20_000
            for start in stride(from: 0, to: count, by: 500) {
                let calls = (start..<start + 500).map { Acme.call("call-\($0)", agent: "\(1000 + $0 % 50)") }
                try await redis.server.run((["RPUSH", RedisServer.inbound] + calls).map { Array($0.utf8) })
            }
            try await redis.run(redis.tenant()) { daemon in
                try await eventually("the list to be empty", within: .seconds(120)) {
                    try await redis.server.length() == 0
                }
                let entries = try LogFileUnderTest(folder: daemon.folder).entries(.missed)
                #expect(entries.count == count && entries.repeated.isEmpty)
            }
        }
    }

    /// More than all buffers on the way hold.
    @Test("what is large goes through whole, both ways, and nothing of it gathers")
    func largeValues() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            let endpoint = RedisEndpoint(
                address: .tcp(host: "localhost", port: redis.port),
                tls: RedisTLS(authorityPath: redis.authority.certificate))
            let session = try await RedisSession(endpoint, on: redis.server.loop, within: .seconds(60))
            let value = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            for number in 0..<3 {
                try await session.run(RedisCommand([Array("SET".utf8), Array("v\(number)".utf8), value]))
            }
            let values = try await session.run((0..<3).map { RedisCommand("GET", "v\($0)") })
            #expect(values.map(\.bytes) == [value, value, value])
            await session.close()
        }
    }

    @Test("no descriptor is left behind by connections that ended, whoever ended them")
    func descriptors() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            try await redis.run(redis.tenant()) { daemon in
                let connects = Self.connects(redis)
                func reconnect(_ number: Int) async throws {
                    let before = try await connects()
                    try await redis.server.run("CLIENT", "KILL", "TYPE", "normal")
                    try await eventually("a new connection", within: .seconds(60)) { try await connects() > before }
                    // A round that works: without, each further one would be waited for longer.
                    try await redis.server.push(Acme.call("call-\(number)"))
                    try await eventually("the call to be taken", within: .seconds(60)) {
                        try await redis.server.length() == 0
                    }
                }
                try await reconnect(0)
                let before = try Self.descriptors(of: daemon)
                for number in 1...40 { try await reconnect(number) }
                // In a hand-shake, and after one: of these it is we who hang up.
                redis.server.signal(SIGSTOP)
                try await eventually("the hand-shake to be given up", within: .seconds(60)) {
                    try await Readyz(daemon).tenants["acme"]?.reason?.contains("hand-shake") == true
                }
                redis.server.signal(SIGCONT)
                try await eventually("it to be ready again", within: .seconds(60)) {
                    try await Readyz(daemon).tenants["acme"]?.state == "ready"
                }
                // Those of the test's own connections to the hub come and go.
                try await eventually("the descriptors to be given back", within: .seconds(60)) {
                    try Self.descriptors(of: daemon) <= before + 4
                }
            }
        }
    }

    private static func connects(_ redis: SecureRedis) -> () async throws -> Int {
        {
            // Of connections over TLS alone: the test's own come by the socket.
            let list = try await redis.server.run("CLIENT", "LIST").text ?? ""
            let ids = list.split(separator: "\n").filter { $0.contains("laddr=127.0.0.1:\(redis.port) ") }
                .compactMap { $0.split(separator: " ").first?.dropFirst(3) }
            return ids.compactMap { Int($0) }.max() ?? 0
        }
    }

    private static func descriptors(of daemon: DaemonUnderTest) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd").count
    }
}
