import Foundation
import Hiredis

/// A real redis-server of a test's own, on a Unix socket.
final class RedisServer: Sendable {
    let folder: String
    let loop: RedisEventLoop
    private let process: Child
    var socket: String { "\(folder)/redis.sock" }
    var endpoint: RedisEndpoint { RedisEndpoint(address: .unix(path: socket)) }

    init(arguments: [String] = []) async throws {
        let folder = try TemporaryFolder.make()
        self.folder = folder
        loop = try RedisEventLoop()
        process = try Child(
            "/usr/bin/redis-server",
            ["--port", "0", "--unixsocket", "\(folder)/redis.sock", "--save", "", "--dir", folder] + arguments)
        try await eventually("redis-server's socket") { FileManager.default.fileExists(atPath: "\(folder)/redis.sock") }
    }

    @discardableResult
    func run(_ arguments: [[UInt8]]) async throws -> RedisValue {
        let session = try await RedisSession(endpoint, on: loop, within: .seconds(10))
        let value = try await session.run(RedisCommand(arguments))
        await session.close()
        return value
    }

    @discardableResult
    func run(_ arguments: String...) async throws -> RedisValue { try await run(arguments.map { Array($0.utf8) }) }

    static let inbound = "enigma:notifications:inbound"

    /// As the PBX pushes it.
    func push(_ notification: String) async throws { try await push(Array(notification.utf8)) }

    func push(_ notification: [UInt8]) async throws {
        try await run([Array("RPUSH".utf8), Array(Self.inbound.utf8), notification])
    }

    func length() async throws -> Int { Int(try await run("LLEN", Self.inbound).integer ?? -1) }

    func signal(_ number: Int32) { process.signal(number) }

    func stop() async {
        process.signal(SIGKILL)
        _ = await process.ended()
        loop.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
