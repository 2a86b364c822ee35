import Foundation
import Hiredis
import Synchronization

/// A Redis, the tenant `acme` and its daemon, each of which can be broken and mended; all of it gone afterwards.
final class FaultWorld: Sendable {
    /// What is out of the ordinary in it.
    struct Shape: Sendable {
        var delivery = "at-least-once"
        var popSide = "left"
        /// Long, so that an outage alone makes no call too old.
        var freshFor = "60s"
        var isProxied = false
        var password: String?
        var stackedPops = 1000
    }

    let shape: Shape
    let redis: RedisServer
    let proxy: FaultProxy?
    let folder: String
    private let state = Mutex((daemons: [DaemonUnderTest](), children: [Child](), tokens: [String: String]()))

    static func run(_ shape: Shape = Shape(), _ body: (FaultWorld) async throws -> Void) async throws {
        let world = try await FaultWorld(shape)
        do { try await body(world) } catch {
            await world.end()
            throw error
        }
        await world.end()
    }

    private init(_ shape: Shape) async throws {
        self.shape = shape
        folder = try TemporaryFolder.make()
        redis = try await RedisServer(arguments: RedisServer.persistent, password: shape.password)
        do {
            proxy = shape.isProxied ? try FaultProxy(target: redis.socket) : nil
            try configure(in: folder)
        } catch {
            await redis.stop()
            throw error
        }
    }

    private func configure(in folder: String) throws {
        let tenant = """
            redis:
              url: "\(proxy.map { "redis://127.0.0.1:\($0.port)/0" } ?? "unix://\(redis.socket)?db=0")"
              delivery: \(shape.delivery)
              pop_side: \(shape.popSide)
              \(shape.password == nil ? "" : "password_file: acme-redis")
            fresh_for: \(shape.freshFor)
            rules:
              - { name: Everybody, on: [ up ], do: [ { open: { url: "https://crm.example/{callRef}" } } ] }
            """
        let daemon = "limits: { stacked_pops: \(shape.stackedPops) }"
        try DaemonUnderTest.configure(["acme": tenant], daemon: daemon, in: folder)
        guard let password = shape.password else { return }
        _ = FileManager.default.createFile(
            atPath: "\(folder)/tenants/acme-redis", contents: Data(password.utf8),
            attributes: [.posixPermissions: 0o600])
    }

    private func end() async {
        let (daemons, children) = state.withLock { ($0.daemons, $0.children) }
        for daemon in daemons {
            _ = await daemon.stop(SIGKILL)
            try? FileManager.default.removeItem(atPath: daemon.folder)
        }
        for child in children {
            child.signal(SIGKILL)
            _ = await child.ended()
        }
        proxy?.stop()
        await redis.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: The daemon

    /// Starts the daemon and waits until it is ready.
    func start() async throws -> DaemonUnderTest {
        let daemon = try await DaemonUnderTest(folder: folder)
        state.withLock { $0.daemons.append(daemon) }
        return daemon
    }

    /// A second daemon on the same list, with a data folder of its own.
    func startAnother() async throws -> DaemonUnderTest {
        let other = try TemporaryFolder.make()
        try configure(in: other)
        let daemon: DaemonUnderTest
        do { daemon = try await DaemonUnderTest(folder: other) } catch {
            try? FileManager.default.removeItem(atPath: other)
            throw error
        }
        state.withLock { $0.daemons.append(daemon) }
        return daemon
    }

    /// Starts the daemon, and waits for nothing.
    func launch() throws -> Child {
        let child = try Child(Child.ctid, ["run", "--config", folder])
        state.withLock { $0.children.append(child) }
        return child
    }

    @discardableResult
    func stop(_ daemon: DaemonUnderTest, _ signal: Int32 = SIGTERM) async -> Child.Outcome {
        state.withLock { $0.daemons.removeAll { $0 === daemon } }
        return await daemon.stop(signal).outcome
    }

    func stop(_ child: Child, _ signal: Int32) async {
        state.withLock { $0.children.removeAll { $0 === child } }
        child.signal(signal)
        _ = await child.ended()
    }

    /// Made once: it outlives the daemon.
    func token(_ daemon: DaemonUnderTest, agent: String? = nil) async throws -> String {
        let name = agent ?? "supervisor"
        if let token = state.withLock({ $0.tokens[name] }) { return token }
        let token = try await daemon.token("acme", agent, scope: agent == nil ? "supervisor" : "agent")
        state.withLock { $0.tokens[name] = token }
        return token
    }

    func stream(_ daemon: DaemonUnderTest, agent: String = "1007", after id: Int64? = nil) async throws
        -> EventStreamClient
    {
        let token = try await token(daemon, agent: agent)
        let url = "\(daemon.base)/v1/acme/agents/\(agent)/events"
        let stream = EventStreamClient(url, token: token, after: id.map { "\($0)" })
        do { try await stream.event("hello") } catch {
            let end = stream.hasEnded ? "it has ended" : "it is open"
            throw DaemonUnderTest.NotReady(what: "\(error), \(end), after \(id ?? -1)", log: daemon.log)
        }
        return stream
    }

    // MARK: What the PBX does

    /// In this order, by one command, from the side from which this PBX pushes.
    func push(_ notifications: [String], within time: Duration = .seconds(10)) async throws {
        let command = shape.popSide == "left" ? "RPUSH" : "LPUSH"
        let arguments = [command, RedisServer.inbound] + notifications
        if let error = try await redis.run(arguments.map { Array($0.utf8) }, within: time).error { throw error }
    }

    func push(calls refs: [String], agent: String = "1007", within time: Duration = .seconds(10)) async throws {
        try await push(refs.map { Acme.call($0, agent: agent) }, within: time)
    }

    // MARK: What came of it

    var log: LogFileUnderTest { LogFileUnderTest(folder: folder) }

    /// The calls that are still in the list.
    func waiting() async throws -> Set<String> {
        let elements = try await redis.run("LRANGE", RedisServer.inbound, "0", "-1").elements
        return Self.refs(in: Data(elements.flatMap { $0.bytes ?? [] }))
    }

    /// The calls of the batch that a killed daemon had in hand, which the next one records.
    func inHand() throws -> Set<String> {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/data/acme.in-hand") else { return [] }
        return Self.refs(in: bytes)
    }

    /// Of notifications as ``Acme/call(_:agent:preV3:)`` makes them.
    private static func refs(in bytes: Data) -> Set<String> {
        let (name, end) = (Data(#""call_ref":""#.utf8), Data([UInt8(ascii: "\"")]))
        var refs: Set<String> = []
        var rest = bytes[...]
        while let start = rest.range(of: name) {
            rest = rest[start.upperBound...]
            guard let stop = rest.range(of: end) else { break }
            refs.insert(String(decoding: rest[..<stop.lowerBound], as: UTF8.self))
        }
        return refs
    }

    /// Every call that the daemon tells of, page by page.
    func told(by daemon: DaemonUnderTest) async throws -> [String] {
        let token = try await token(daemon)
        var refs: [String] = []
        var next: String? = nil
        repeat {
            let path = "/v1/acme/calls?limit=1000" + (next.map { "&before=\($0)" } ?? "")
            let body = try await daemon.get(path, token: token).body
            let page = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            let calls = page?["calls"] as? [[String: Any]] ?? []
            refs += calls.compactMap { ($0["call"] as? [String: Any])?["ref"] as? String }
            next = page?["next"] as? String
        } while next != nil
        return refs
    }

    /// What `/readyz` says of a tenant.
    func readiness(_ daemon: DaemonUnderTest, tenant: String = "acme") async throws -> (state: String, reason: String) {
        let body = try await daemon.get("/readyz").body
        let json = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [String: [String: Any]]]
        let found = json?["tenants"]?[tenant]
        return (found?["state"] as? String ?? "", found?["reason"] as? String ?? "")
    }
}

extension [String: Int] {
    /// Those with more than one.
    var repeated: [String] { filter { $0.value > 1 }.keys.sorted() }
}
