import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import NIOHTTP1

/// The binary itself, with a configuration folder of its own and a Redis of its own.
///
///     try await DaemonUnderTest.running { daemon, redis in
///         let stream = try await daemon.agentStream("1007")
///         try await redis.push(Notification(ref: "c1"))
///         try await stream.wait(for: "pop", ref: "c1")
///     }
actor DaemonUnderTest {
    /// How it ended, and how long after it was asked to.
    struct Stop: Sendable {
        let code: Int32?
        let time: Duration
    }

    struct Answer: Sendable {
        let status: Int
        let json: JSON
    }

    nonisolated let folder: TemporaryFolder
    private var process: ChildProcess?
    private var port = 0
    private var tokens: [[String]: String] = [:]
    private var streams: [EventStreamClient] = []

    /// Runs `body` beside a daemon that is ready; both it and its Redis are gone afterwards.
    ///
    /// - Parameter tenants: their files' text by name; see ``TenantText``.
    static func running<Result: Sendable>(
        _ tenants: @Sendable (_ socket: String) -> [String: String] = { ["acme": TenantText(socket: $0).yaml] },
        limits: String = "{}", _ body: (DaemonUnderTest, RedisServer) async throws -> Result
    ) async throws -> Result {
        try await RedisServer.running { redis in
            let daemon = try DaemonUnderTest(tenants: tenants(redis.socket), limits: limits)
            do {
                try await daemon.start()
                let result = try await body(daemon, redis)
                await daemon.remove()
                return result
            } catch {
                await daemon.remove()
                throw error
            }
        }
    }

    /// Writes the configuration; nothing runs yet.
    init(tenants: [String: String], limits: String = "{}") throws {
        folder = try TemporaryFolder()
        try folder.write(
            "ctid.yaml",
            """
            http: { listen: "127.0.0.1:0" }
            data_dir: \(folder.path)/data
            log: { level: info }
            limits: \(limits)
            """)
        for (name, text) in tenants {
            try folder.write("tenants/\(name).yaml", text)
            try folder.write("tenants/\(name)-jwt", "\(name)-" + String(repeating: "s", count: 32))
        }
    }

    // MARK: Life

    /// Returns once `/readyz` says 200.
    func start() async throws {
        let process = try ChildProcess(Self.executable, ["run", "--config", folder.path])
        self.process = process
        port = try await eventually("listening; it said: \(process.errors)") { Self.port(in: process.errors) }
        try await eventually("ready; it said: \(process.errors)") { try await get("/readyz").status == 200 }
    }

    /// With SIGTERM. Whoever does not end within 15 s is killed, and has no code.
    func stop(_ number: Int32 = SIGTERM) async -> Stop {
        guard let process else { return Stop(code: nil, time: .zero) }
        let asked = ContinuousClock.now
        await process.signal(number)
        let exit = await process.ended(within: .seconds(15))
        return Stop(code: exit.code, time: asked.duration(to: exit.at))
    }

    func kill() async { _ = await stop(SIGKILL) }

    var isRunning: Bool { get async { (try? await get("/healthz").status) == 200 } }
    /// What it wrote to standard error.
    var log: String { process?.errors ?? "" }

    func remove() async {
        for stream in streams { await stream.close() }
        await process?.remove()
        folder.remove()
    }

    private static func port(in log: String) -> Int? {
        guard let found = log.firstRange(of: "listening on 127.0.0.1:") else { return nil }
        let rest = log[found.upperBound...]
        guard let end = rest.firstIndex(where: { !$0.isNumber }) else { return nil }
        return Int(rest[..<end])
    }

    // MARK: Commands

    /// Beside the test bundle; where the bundle is elsewhere, the package's debug build.
    static let executable: String = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let package = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let candidates = [bundle.appending(path: "ctid").path, package.appending(path: ".build/debug/ctid").path]
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "ctid"
    }()

    /// Of the same configuration; ended, and its folder left for `output`.
    nonisolated func command(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await CommandResult(arguments + ["--config", folder.path], input: Data(input.utf8))
    }

    func token(
        _ tenant: String = "acme", extension agent: String? = nil, scope: String = "supervisor"
    ) async throws -> String {
        let key = [tenant, agent ?? "", scope]
        if let token = tokens[key] { return token }
        let options = agent.map { ["--extension", $0] } ?? []
        let result = try await CommandResult(
            ["token", "--tenant", tenant, "--scope", scope, "--config", folder.path] + options)
        guard result.code == 0 else { throw Overdue(what: "a token: \(result.errors)") }
        tokens[key] = result.lines[0]
        return result.lines[0]
    }

    // MARK: HTTP

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func get(_ path: String, token: String? = nil) async throws -> Answer { try await send("GET", path, token, nil) }

    func post(_ path: String, token: String, _ body: String) async throws -> Answer {
        try await send("POST", path, token, body)
    }

    private func send(_ method: String, _ path: String, _ token: String?, _ body: String?) async throws -> Answer {
        var request = HTTPClientRequest(url: url(path))
        request.method = .init(rawValue: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await EventStreamClient.http.execute(request, timeout: .seconds(10))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 24))
        return Answer(status: Int(response.status.code), json: (try? JSON(text)) ?? .string(text))
    }

    func agentStream(
        _ agent: String, tenant: String = "acme", lastEventID: Int? = nil
    ) async throws -> EventStreamClient {
        let token = try await token(tenant, extension: agent, scope: "agent")
        return try await open("/v1/\(tenant)/agents/\(agent)/events", token, lastEventID)
    }

    func realtimeStream(_ tenant: String = "acme", lastEventID: Int? = nil) async throws -> EventStreamClient {
        try await open("/v1/\(tenant)/realtime", try await token(tenant), lastEventID)
    }

    private func open(_ path: String, _ token: String, _ lastEventID: Int?) async throws -> EventStreamClient {
        let stream = try await EventStreamClient(url(path), token: token, lastEventID: lastEventID)
        streams.append(stream)
        return stream
    }

    // MARK: Agents and calls of the tenant "acme"

    func acknowledge(_ pop: EventStreamClient.Frame, _ outcome: String, agent: String = "1007") async throws -> Int {
        let token = try await token(extension: agent, scope: "agent")
        let body = #"{"id":"\#(pop.data["id"].string ?? "")","outcome":"\#(outcome)"}"#
        return try await post("/v1/acme/agents/\(agent)/acks", token: token, body).status
    }

    func say(_ state: String, session: String, agent: String = "1007") async throws -> Int {
        let token = try await token(extension: agent, scope: "agent")
        let path = "/v1/acme/agents/\(agent)/sessions/\(session)"
        return try await post(path, token: token, #"{"state":"\#(state)"}"#).status
    }

    func call(_ ref: String) async throws -> Answer {
        try await get("/v1/acme/calls/\(ref)", token: try await token())
    }

    /// What became of a call's pop, word by word: `shown`, `blocked`, …
    func acknowledgements(_ ref: String) async throws -> [String] {
        try await call(ref).json["deliveries"].array
            .filter { $0["kind"].string == "ack" }
            .compactMap { $0["data"]["outcome"].string }
    }
}
