import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Engine.IO over plain requests: a `GET` that the server answers once it has something to say, and a `POST` for what
/// we say.
///
/// There is one of each at a time. A `POST` that is answered by 200 has been read.
struct PollingExchange: Sendable {
    private(set) var requests: ClientRequests
    let tls: TLSConfiguration?

    /// A body may have so many bytes; servers' events, which nobody reads, included.
    static let largestBody = 1 << 20

    /// Never shut down: it lives as long as the process. Redirects are not followed: the token is for one address
    /// alone. Tenants share it, and each polling client holds one connection all the time: so there is no limit here
    /// that one could use up.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100_000
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    init(_ requests: ClientRequests, tls: TLSConfiguration?) {
        self.requests = requests
        self.tls = tls
    }

    /// The handshake. The session that it begins is told by ``join(_:)``, once its id is known.
    func open(
        within time: Duration
    ) async throws(ClientTrouble) -> (exchange: PollingExchange, packets: [EnginePacket]) {
        let answer = try await send(request(.GET), within: time)
        var exchange = self
        exchange.requests.keepCookies(of: answer.headers)
        return (exchange, try packets(answer.body))
    }

    mutating func join(_ sid: String) { requests.sid = sid }

    func poll(within time: Duration) async throws(ClientTrouble) -> [EnginePacket] {
        try packets(try await send(request(.GET), within: time).body)
    }

    func post(_ packets: [EnginePacket], within time: Duration) async throws(ClientTrouble) {
        var request = request(.POST)
        request.headers.add(name: "Content-Type", value: "text/plain;charset=UTF-8")
        request.body = .bytes(ByteBuffer(bytes: EnginePayload.encode(packets, requests.revision)))
        _ = try await send(request, within: time)
    }

    private func packets(_ body: [UInt8]) throws(ClientTrouble) -> [EnginePacket] {
        do { return try EnginePayload.decode(body, requests.revision) } catch {
            throw ClientTrouble(.garbled, error.description)
        }
    }

    private func request(_ method: HTTPMethod) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: requests.address.url(requests.items(.polling)))
        request.method = method
        request.headers = requests.headers
        request.tlsConfiguration = tls
        return request
    }

    private typealias Answer = (headers: HTTPHeaders, body: [UInt8])

    /// The client's own timeout ends with the answer's head: a body that never ends would be read for ever.
    private func send(_ request: HTTPClientRequest, within time: Duration) async throws(ClientTrouble) -> Answer {
        let result = await withTaskGroup(of: Result<Answer, ClientTrouble>.self) { group in
            group.addTask { await self.answer(to: request, within: time) }
            group.addTask {
                try? await Task.sleep(for: time)
                return .failure(ClientTrouble(.unanswered, "no answer in time"))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.stopped)
        }
        return try result.get()
    }

    private func answer(
        to request: HTTPClientRequest, within time: Duration
    ) async -> Result<Answer, ClientTrouble> {
        do {
            let response = try await Self.client.execute(request, timeout: TimeAmount(time))
            guard response.status == .ok else { return .failure(Self.trouble(response.status, requests)) }
            let body = try await response.body.collect(upTo: Self.largestBody)
            return .success((response.headers, Array(body.readableBytesView)))
        } catch is NIOTooManyBytesError {
            return .failure(ClientTrouble(.garbled, "an answer of more than \(Self.largestBody) bytes"))
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            return .failure(ClientTrouble(.unanswered, "no answer in time"))
        } catch {
            return .failure(ClientTrouble(.unreachable, "no answer (\(ConnectionWords.of(error)))"))
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout,
    ]

    static func trouble(_ status: HTTPResponseStatus, _ requests: ClientRequests) -> ClientTrouble {
        switch status.code {
        case 401, 403: ClientTrouble(.refused, "the server refused, with HTTP status \(status.code)")
        case 400 where requests.sid == nil:
            ClientTrouble(.refused, "HTTP status 400: the server may speak another revision of Engine.IO")
        case 400: ClientTrouble(.unreachable, "HTTP status 400: the server does not know the session any more")
        default: ClientTrouble(.unreachable, "HTTP status \(status.code)")
        }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        self = .nanoseconds(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
