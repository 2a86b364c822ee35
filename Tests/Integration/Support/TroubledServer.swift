import Foundation
import Glibc
import Hiredis
import Synchronization

/// A redis-server that can be killed and started anew, and the tenant that reads from it.
final class TroubledServer: Sendable {
    let name: String
    let port: Int
    private let folder: String
    private let loop: RedisEventLoop
    private let user: String?
    private let password: String?
    private let arguments: [String]
    private let isOverTCP: Bool
    private let delivery: String
    private let keys: String
    private let process = Mutex<Child?>(nil)
    private let kept = Mutex<[TroubledServer]>([])
    private var socket: String { "\(folder)/redis.sock" }

    /// - Parameters:
    ///   - user: whom the tenant logs in as.
    ///   - keys: what the tenant reads beside the inbound list: `cdr: "…", agents: "…"`.
    init(
        _ name: String, user: String? = nil, password: String? = nil, permissions: String = "~* &* +@all",
        delivery: String = "at-most-once", keys: String = "", overTCP: Bool = false, arguments: [String] = []
    ) async throws {
        self.name = name
        self.user = user
        self.password = password
        self.arguments = arguments
        isOverTCP = overTCP
        self.delivery = delivery
        self.keys = keys
        port = try FreePort.any()
        folder = try TemporaryFolder.make()
        loop = try RedisEventLoop()
        try await start()
        if let user, let password { try await run(["ACL SETUSER \(user) on >\(password) \(permissions)"]) }
    }

    /// A node of a cluster of its own, with all slots or none.
    static func clusterNode(_ name: String, slots: Bool = true) async throws -> TroubledServer {
        let server = try await TroubledServer(
            name, overTCP: true, arguments: ["--cluster-enabled", "yes", "--cluster-node-timeout", "60000"])
        guard slots else { return server }
        try await server.run(["CLUSTER ADDSLOTSRANGE 0 16383"])
        try await server.waitForCluster()
        return server
    }

    /// The tenant's file. Freshness is not what is tested here.
    var tenant: String {
        let url = isOverTCP ? "redis://127.0.0.1:\(port)/0" : "unix://\(socket)?db=0"
        let login = user.map { ", username: \($0), password_file: \(name)-redis" } ?? ""
        return """
            redis: { url: "\(url)", delivery: \(delivery)\(login), keys: { \(keys) } }
            fresh_for: 60s
            rules:
              - { name: All, on: [up], do: [ { open: { url: "https://crm.example/{callRef}", mode: new_frame } } ] }
            """
    }

    /// Runs the daemon with a tenant for each server; stops all of them afterwards, come what may.
    ///
    /// `more`: files of further tenants.
    static func run(
        _ servers: [TroubledServer], more: [String: String] = [:], _ body: (DaemonUnderTest) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let files = Dictionary(uniqueKeysWithValues: servers.map { ($0.name, $0.tenant) })
        try DaemonUnderTest.configure(files.merging(more) { $1 }, in: folder)
        for server in servers { try server.writePassword(in: folder) }
        let outcome: Result<Void, any Error>
        do {
            let daemon = try await DaemonUnderTest(folder: folder)
            do { outcome = .success(try await body(daemon)) } catch { outcome = .failure(error) }
            _ = await daemon.stop(SIGKILL)
        } catch {
            outcome = .failure(error)
        }
        for server in servers { await server.stop() }
        try outcome.get()
    }

    private func writePassword(in configuration: String) throws {
        guard let password else { return }
        let path = "\(configuration)/tenants/\(name)-redis"
        _ = FileManager.default.createFile(
            atPath: path, contents: Data(password.utf8), attributes: [.posixPermissions: 0o600])
    }

    // MARK: Life

    func start(_ more: [String] = []) async throws {
        try? FileManager.default.removeItem(atPath: socket)
        // Cluster nodes use the port plus 10,000, too.
        let place = isOverTCP ? ["--port", "\(port)"] : ["--port", "0"]
        let child = try Child(
            "/usr/bin/redis-server",
            place + ["--unixsocket", socket, "--save", "", "--dir", folder, "--enable-debug-command", "yes"] + arguments
                + more)
        process.withLock { $0 = child }
        // The socket's file is there a moment before anybody listens.
        try await eventually("redis-server to listen") { await loop.connects(to: socket) }
    }

    func restart(_ more: [String]) async throws {
        await kill()
        try await start(more)
    }

    func signal(_ number: Int32) { process.withLock { $0 }?.signal(number) }

    func kill() async {
        signal(SIGKILL)
        _ = await process.withLock { $0 }?.ended()
    }

    /// Stops `other` with this one.
    func keep(_ other: TroubledServer) { kept.withLock { $0.append(other) } }

    func stop() async {
        await kill()
        for other in kept.withLock({ $0 }) { await other.stop() }
        loop.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: Commands

    /// Words of a command are apart by spaces; `""` is an empty one. An error reply is thrown.
    @discardableResult
    func run(_ commands: [String], password: String? = nil) async throws -> [RedisValue] {
        let endpoint = RedisEndpoint(address: .unix(path: socket), password: password)
        let session = try await RedisSession(endpoint, on: loop, within: .seconds(60))
        var values: [RedisValue] = []
        for command in commands {
            let words = command.split(separator: " ").map { $0 == "\"\"" ? [] : Array($0.utf8) }
            values.append(try await session.run(RedisCommand(words)))
        }
        await session.close()
        return values
    }

    func text(_ command: String) async throws -> String {
        let value = try await run([command])[0]
        return value.text ?? value.integer.map(String.init) ?? ""
    }

    /// As the PBX pushes it; `thenTake`: and as another reader takes it, at once.
    func push(_ notification: String, thenTake: Bool = false) async throws {
        try await pushAll([Array(notification.utf8)], thenTake: thenTake)
    }

    func push(_ notification: [UInt8]) async throws { try await pushAll([notification]) }

    /// In one command.
    func pushAll(_ notifications: [[UInt8]], thenTake: Bool = false) async throws {
        let session = try await RedisSession(
            RedisEndpoint(address: .unix(path: socket)), on: loop, within: .seconds(60))
        try await session.run(RedisCommand([Array("RPUSH".utf8), Array(RedisServer.inbound.utf8)] + notifications))
        if thenTake { try await session.run(RedisCommand("LPOP", RedisServer.inbound)) }
        await session.close()
    }

    func nodeID() async throws -> String { try await text("CLUSTER MYID") }

    func waitForCluster() async throws {
        try await eventually("the cluster's state") { try await self.text("CLUSTER INFO").contains("cluster_state:ok") }
    }

    func waitUntilLoaded() async throws {
        try await eventually("the data to be read") { try await self.text("INFO persistence").contains("\nloading:0") }
    }
}

/// Listens on a port and speaks something else than Redis.
final class Impostor: Sendable {
    private let port: Int
    private let descriptor = Mutex<Int32>(-1)

    init(port: Int) { self.port = port }

    func start() throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafeBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(listener, $0.baseAddress, socklen_t(bytes.count)) }
        }
        guard result == 0, listen(listener, 8) == 0 else { throw Timeout(what: "port \(port)") }
        descriptor.withLock { $0 = listener }
        // It blocks: a thread of its own, not one of the few that run async code.
        Thread.detachNewThread {
            let answer = Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8)
            while case let client = accept(listener, nil, nil), client >= 0 {
                _ = write(client, answer, answer.count)
                close(client)
            }
        }
    }

    func stop() {
        descriptor.withLock {
            // This wakes the thread in accept; closing alone would not.
            shutdown($0, Int32(SHUT_RDWR))
            close($0)
            $0 = -1
        }
    }
}

/// What `/readyz` says.
struct Readyz: Decodable {
    struct Tenant: Decodable {
        var state: String
        var reason: String?
        var since: String
        var secondsSinceAnswer: Double?
    }

    var tenants: [String: Tenant]

    init(_ daemon: DaemonUnderTest) async throws {
        let body = try await daemon.get("/readyz").body
        self = try JSONDecoder().decode(Readyz.self, from: Data(body.utf8))
    }
}
