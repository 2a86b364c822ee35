import AsyncHTTPClient
import CTICore
import CTIHub
import CTIPipeline
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

/// The hub on a real port with the tenant `acme`, and a client that talks to it.
struct RunningHub: Sendable {
    let hub: Hub
    let address: String
    let stop: @Sendable () async -> Void
    private let client: HTTPClient

    /// Runs `test` beside the hub, then stops the hub gracefully and waits for its end.
    static func run(
        _ gateway: FakeGateway? = nil, log: FakeLog = FakeLog(), heartbeat: Duration = .seconds(15),
        mailboxBytes: Int = 256 * 1024, page: PageSettings = PageSettings(),
        agents: [Extension: Agent] = [:], dialler: (any Dialler)? = nil,
        now: @escaping @Sendable () -> Timestamp = { .start },
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ test: @Sendable (RunningHub) async throws -> Void
    ) async throws {
        let gateway = gateway ?? FakeGateway(.acme)
        let tokens = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let registry = TenantRegistry(
            [
                HubTenant(
                    gateway: gateway, log: log, tokens: tokens, page: page, agents: agents, dialler: dialler)
            ], phase: .serving)
        let hub = Hub(
            configuration: HubConfiguration(port: 0, heartbeat: heartbeat, mailboxBytes: mailboxBytes, now: now),
            tenants: registry)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = hub.buildApplication(logger: logger) { port.yield($0) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [application], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let address = "http://127.0.0.1:\(await iterator.next() ?? 0)"
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))
            let running = RunningHub(
                hub: hub, address: address, stop: { await group.triggerGracefulShutdown() }, client: client)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await test(running)) } catch { outcome = .failure(error) }
            await group.triggerGracefulShutdown()
            try await client.shutdown()
            try await tasks.waitForAll()
            #expect(hub.counters.openStreams == 0)
            try outcome.get()
        }
    }

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var body: String
    }

    func request(
        _ method: HTTPMethod = .GET, _ path: String, token: String? = nil, headers: HTTPHeaders = [:],
        body: String? = nil, bytes: [UInt8]? = nil
    ) async throws -> Answer {
        let body = bytes.map { ByteBuffer(bytes: $0) } ?? body.map { ByteBuffer(string: $0) }
        let response = try await send(method, path, token: token, headers: headers, body: body)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
    }

    /// A stream of events; reading it to its end, or dropping its reader, closes the connection.
    func stream(_ path: String, token: String?, headers: HTTPHeaders = [:]) async throws -> EventReader {
        let response = try await send(.GET, path, token: token, headers: headers, body: nil)
        return EventReader(response)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, token: String?, headers: HTTPHeaders, body: ByteBuffer?
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers = headers
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(body) }
        return try await client.execute(request, timeout: .seconds(20))
    }
}

extension TenantID {
    static let acme = TenantID("acme") ?? TenantID.never
    private static var never: TenantID { preconditionFailure("acme is a tenant's name") }
}

extension String {
    static let events = "/v1/acme/agents/1001/events"
}
