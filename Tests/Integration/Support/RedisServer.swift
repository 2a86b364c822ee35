import Foundation
import Hiredis
import Synchronization

/// A real redis-server of a test's own, on a Unix socket; it can be killed and started again in the same place.
final class RedisServer: Sendable {
    let folder: String
    let loop: RedisEventLoop
    private let arguments: [String]
    private let state: Mutex<(process: Child, password: String?)>
    var socket: String { "\(folder)/redis.sock" }
    var endpoint: RedisEndpoint {
        RedisEndpoint(address: .unix(path: socket), password: state.withLock { $0.password })
    }

    /// So that what was pushed is still there after it was killed.
    static let persistent = ["--appendonly", "yes"]

    init(arguments: [String] = [], password: String? = nil) async throws {
        let folder = try TemporaryFolder.make()
        self.folder = folder
        self.arguments = arguments
        loop = try RedisEventLoop()
        state = Mutex((try Self.start(in: folder, arguments, password: password), password))
        do { try await answers() } catch {
            await stop()
            throw error
        }
    }

    private static func start(in folder: String, _ arguments: [String], password: String?) throws -> Child {
        let fixed = ["--port", "0", "--unixsocket", "\(folder)/redis.sock", "--save", "", "--dir", folder]
        let secret = password.map { ["--requirepass", $0] } ?? []
        return try Child("/usr/bin/redis-server", fixed + arguments + secret)
    }

    private func answers() async throws {
        try await eventually("redis-server to answer") {
            guard FileManager.default.fileExists(atPath: socket) else { return false }
            return (try? await run("PING"))?.text == "PONG"
        }
    }

    /// Ends as if its machine had lost it: nobody is told.
    func kill() async {
        let process = state.withLock { $0.process }
        process.signal(SIGKILL)
        _ = await process.ended()
    }

    /// After ``kill()``, with the data that it kept.
    func restart(password: String? = nil) async throws {
        try state.withLock { $0 = (try Self.start(in: folder, arguments, password: password), password) }
        try await answers()
    }

    @discardableResult
    func run(_ arguments: [[UInt8]], within time: Duration = .seconds(60)) async throws -> RedisValue {
        let session = try await RedisSession(endpoint, on: loop, within: time)
        let result: Result<RedisValue, RedisError>
        do throws(RedisError) { result = .success(try await session.run(RedisCommand(arguments))) } catch {
            result = .failure(error)
        }
        await session.close()
        return try result.get()
    }

    @discardableResult
    func run(_ arguments: String...) async throws -> RedisValue { try await run(arguments.map { Array($0.utf8) }) }

    static let inbound = "enigma:notifications:inbound"

    /// As the PBX pushes it.
    func push(_ notification: String) async throws { try await push(Array(notification.utf8)) }

    func push(_ notification: String, to key: String) async throws {
        try await run([Array("RPUSH".utf8), Array(key.utf8), Array(notification.utf8)])
    }

    func push(_ notification: [UInt8]) async throws {
        try await run([Array("RPUSH".utf8), Array(Self.inbound.utf8), notification])
    }

    func length() async throws -> Int { Int(try await run("LLEN", Self.inbound).integer ?? -1) }

    func signal(_ number: Int32) { state.withLock { $0.process.signal(number) } }

    func stop() async {
        await kill()
        loop.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

extension RedisEventLoop {
    /// Whether somebody listens at this Unix socket.
    func connects(to socket: String) async -> Bool {
        let endpoint = RedisEndpoint(address: .unix(path: socket))
        guard let session = try? await RedisSession(endpoint, on: self, within: .seconds(1)) else { return false }
        await session.close()
        return true
    }
}
