import Foundation
import Glibc
import Hiredis

/// A private `redis-server` on a Unix socket, which keeps nothing on disk.
actor RedisServer {
    nonisolated let socket: String
    private let folder: TemporaryFolder
    private let loop: RedisEventLoop
    private var process: ChildProcess?
    private var session: RedisSession?

    /// Runs `body` with a server of its own, which is gone afterwards.
    static func running<Result: Sendable>(_ body: (RedisServer) async throws -> Result) async throws -> Result {
        let server = try RedisServer()
        do {
            try await server.start()
            let result = try await body(server)
            await server.remove()
            return result
        } catch {
            await server.remove()
            throw error
        }
    }

    private init() throws {
        folder = try TemporaryFolder()
        loop = try RedisEventLoop()
        socket = "\(folder.path)/redis.sock"
    }

    /// Returns once it answers.
    func start() async throws {
        process = try ChildProcess(
            "/usr/bin/redis-server",
            ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", folder.path])
        try await eventually("redis-server answers") { (try? await run("PING")) != nil }
    }

    /// With SIGKILL; its data are gone.
    func stop() async {
        await session?.close()
        session = nil
        await process?.remove()
        process = nil
    }

    /// It hangs, as a machine does that swaps: connections stay open, nothing is answered.
    func pause() async { await process?.signal(SIGSTOP) }
    func resume() async { await process?.signal(SIGCONT) }

    @discardableResult
    func run(_ arguments: String...) async throws -> RedisValue {
        try await run(RedisCommand(arguments.map { Array($0.utf8) }))
    }

    @discardableResult
    private func run(_ command: RedisCommand) async throws -> RedisValue {
        do {
            return try await opened().run(command)
        } catch {
            session = nil
            throw error
        }
    }

    private func opened() async throws -> RedisSession {
        if let session { return session }
        let endpoint = RedisEndpoint(address: .unix(path: socket))
        let session = try await RedisSession(endpoint, on: loop, within: .seconds(5))
        self.session = session
        return session
    }

    /// As the PBX does it, all of them in one command.
    func push(_ payloads: [UInt8]..., to key: String = Notification.list) async throws {
        try await run(RedisCommand([Array("RPUSH".utf8), Array(key.utf8)] + payloads))
    }

    func push(_ notifications: [Notification], to key: String = Notification.list) async throws {
        try await run(RedisCommand([Array("RPUSH".utf8), Array(key.utf8)] + notifications.map { Array($0.json.utf8) }))
    }

    func push(_ notification: Notification, to key: String = Notification.list) async throws {
        try await push([notification], to: key)
    }

    func length(of key: String = Notification.list) async throws -> Int {
        Int(try await run("LLEN", key).integer ?? -1)
    }

    private func remove() async {
        await resume()
        await stop()
        loop.stop()
        folder.remove()
    }
}
