import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// One `GET /readyz` to the daemon on this machine.
struct HealthQuestion: Sendable {
    struct Answer: Sendable {
        var status: UInt
        var body: [UInt8]
    }

    /// No answer was to be had.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// 500 tenants, each with a long reason, take a tenth of it.
    private static let largestAnswer = 4 << 20

    let endpoint: HealthEndpoint

    init(_ endpoint: HealthEndpoint) { self.endpoint = endpoint }

    var url: String { "\(endpoint.isTLS ? "https" : "http")://\(endpoint.address)/readyz" }

    func ask(within limit: Duration) async throws(Failure) -> Answer {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
        let result = await answer(from: client, within: limit)
        try? await client.shutdown()
        return try result.get()
    }

    private static var configuration: HTTPClient.Configuration {
        // It is our own address, nothing secret is sent, and the certificate is for the name that others know.
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // Refused is an answer; the time limit is for those that give none.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    /// The limit is for the whole of it, from the connection to the last byte. The client's own ends with the headers.
    private func answer(from client: HTTPClient, within limit: Duration) async -> Result<Answer, Failure> {
        await withTaskGroup { group in
            group.addTask { await answer(from: client) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .failure(Failure(description: "\(url) did not answer within \(limit.written)"))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(unreachable)
        }
    }

    private func answer(from client: HTTPClient) async -> Result<Answer, Failure> {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Connection", value: "close")
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            let body = try await response.body.collect(upTo: Self.largestAnswer)
            return .success(Answer(status: UInt(response.status.code), body: Array(body.readableBytesView)))
        } catch {
            return .failure(unreachable)
        }
    }

    private var unreachable: Failure {
        Failure(description: "\(url) cannot be reached, expected the daemon of this configuration there")
    }
}
