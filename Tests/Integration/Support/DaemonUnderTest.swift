import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The built binary with a configuration of its own, as it would run for real.
final class DaemonUnderTest: Sendable {
    let folder: String
    let port: Int
    private let process: Child
    /// `nil`: plain HTTP.
    private let authority: String?
    private let client: HTTPClient
    var base: String { Self.base(port, authority) }
    var pid: Int32 { process.pid }
    var log: String { process.errors }

    /// Writes a configuration folder. `tenants`: their files by name, without `auth`, which is added.
    static func configure(
        _ tenants: [String: String], daemon: String = "", listen: String = "127.0.0.1:0", in folder: String
    ) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(folder)/tenants", withIntermediateDirectories: true)
        let yaml = """
            http: { listen: "\(listen)" }
            data_dir: \(folder)/data
            \(daemon)
            """
        try yaml.write(toFile: "\(folder)/ctid.yaml", atomically: true, encoding: .utf8)
        for (name, text) in tenants {
            let secret = Data("0123456789abcdef0123456789abcdef-\(name)".utf8)
            _ = manager.createFile(
                atPath: "\(folder)/tenants/\(name)-jwt", contents: secret, attributes: [.posixPermissions: 0o600])
            try writeTenant(name, text, in: folder)
        }
    }

    /// `text`: without `auth`, which is added.
    static func writeTenant(_ name: String, _ text: String, in folder: String) throws {
        let file = text + "\nauth: { hs256_secret_file: \(name)-jwt }\n"
        try file.write(toFile: "\(folder)/tenants/\(name).yaml", atomically: true, encoding: .utf8)
    }

    /// - Parameter authority: the file of who signed the hub's certificate, for HTTPS.
    init(folder: String, authority: String? = nil, within limit: Duration = .seconds(60)) async throws {
        self.folder = folder
        self.authority = authority
        let client = authority.map { SecureClients.client(trusting: $0) } ?? HTTPClient.shared
        self.client = client
        let process = try Child(Child.ctid, ["run", "--config", folder])
        self.process = process
        do {
            try await eventually("the daemon to listen", within: limit) { Self.port(in: process.errors) != nil }
            port = Self.port(in: process.errors) ?? 0
            let base = Self.base(port, authority)
            try await eventually("the daemon to be ready", within: limit) {
                try await Self.send("GET", "\(base)/readyz", token: nil, body: nil, by: client).status == 200
            }
        } catch {
            process.signal(SIGKILL)
            let outcome = await process.ended()
            throw NotReady(what: "\(error)", log: outcome.errors)
        }
    }

    struct NotReady: Error, CustomStringConvertible {
        let what: String
        let log: String
        var description: String { "\(what); the daemon's log:\n\(log)" }
    }

    private static func base(_ port: Int, _ authority: String?) -> String {
        authority == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)"
    }

    private static func port(in log: String) -> Int? {
        log.firstMatch(of: /listening on [^ "]*:(\d+)["\n]/).flatMap { Int($0.1) }
    }

    func token(_ tenant: String = "acme", _ agent: String? = nil, scope: String = "agent") async throws -> String {
        var arguments = ["token", "--config", folder, "--tenant", tenant]
        for each in scope.split(separator: " ") { arguments += ["--scope", String(each)] }
        if let agent { arguments += ["--extension", agent] }
        return try await Child(Child.ctid, arguments).ended().lines[0]
    }

    struct Answer {
        var status: UInt
        var body: String
    }

    func get(_ path: String, token: String? = nil) async throws -> Answer {
        try await Self.send("GET", base + path, token: token, body: nil, by: client)
    }

    func post(_ path: String, _ body: String, token: String) async throws -> Answer {
        try await Self.send("POST", base + path, token: token, body: body, by: client)
    }

    func post(_ path: String, _ body: [UInt8], type: String, token: String) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await Self.send(request, by: client)
    }

    private static func send(
        _ method: String, _ url: String, token: String?, body: String?, by client: HTTPClient
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method == "GET" ? .GET : .POST
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        return try await send(request, by: client)
    }

    private static func send(_ request: HTTPClientRequest, by client: HTTPClient) async throws -> Answer {
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(status: UInt(response.status.code), body: String(buffer: bytes))
    }

    /// Greeted: what happens from now on is told on it.
    func stream(
        agent: String, tenant: String = "acme", after id: String? = nil, dialect: String? = nil
    ) async throws -> EventStreamClient {
        let token = try await token(tenant, agent)
        let query = dialect.map { "?dialect=\($0)" } ?? ""
        let stream = EventStreamClient(
            "\(base)/v1/\(tenant)/agents/\(agent)/events\(query)", token: token, after: id, client: streamClient)
        try await stream.event("hello")
        return stream
    }

    private var streamClient: HTTPClient { authority == nil ? EventStreamClient.plainClient : client }

    /// Greeted, too.
    func realtime(tenant: String = "acme") async throws -> EventStreamClient {
        let token = try await token(tenant, scope: "supervisor")
        let stream = EventStreamClient("\(base)/v1/\(tenant)/realtime", token: token, after: nil, client: streamClient)
        try await stream.event("hello")
        return stream
    }

    func signal(_ signal: Int32) { process.signal(signal) }

    /// How it ended, and how long that took.
    func stop(_ signal: Int32 = SIGTERM) async -> (outcome: Child.Outcome, took: Duration) {
        let start = ContinuousClock.now
        process.signal(signal)
        let outcome = await process.ended()
        return (outcome, ContinuousClock.now - start)
    }
}
