import AsyncHTTPClient
public import CTICore
public import CTIHub
import NIOCore
import NIOHTTP1

/// Posts to the PBX's `click2dial` endpoint. Any 2xx is a yes: the shape of its answer is not documented.
public struct ClickToDialClient: Dialler {
    private let url: String
    private let outboundID: String
    private let region: String
    private let generation: PayloadGeneration
    private let timeout: Duration

    /// Never shut down: it lives as long as the process. No redirects: what is posted dials.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// - Parameters:
    ///   - outboundID: the number that the called party sees.
    ///   - region: in which national numbers are read.
    ///   - timeout: the agent waits for it.
    public init(
        url: String, outboundID: String, region: String, generation: PayloadGeneration,
        timeout: Duration = .seconds(5)
    ) {
        self.url = url
        self.outboundID = outboundID
        self.region = region
        self.generation = generation
        self.timeout = timeout
    }

    public func dial(_ number: String, contactRef: String?, agent: Extension) async throws(DialFailure) {
        let status = try await post(request(number, contactRef, agent).json)
        guard (200..<300).contains(status) else { throw .answered(status) }
    }

    private func request(
        _ number: String, _ contactRef: String?, _ agent: Extension
    ) throws(DialFailure) -> ClickToDialRequest {
        do {
            return try ClickToDialRequest(
                agent: agent, number: number, outboundID: outboundID, contactRef: contactRef, region: region,
                generation: generation)
        } catch {
            throw .refused(error.message)
        }
    }

    private func post(_ json: [UInt8]) async throws(DialFailure) -> UInt {
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            // A connection of its own: where a kept one breaks, nobody knows whether the PBX has dialled.
            request.headers.add(name: "Connection", value: "close")
            request.body = .bytes(ByteBuffer(bytes: json))
            let limit = TimeAmount.nanoseconds(timeout.nanoseconds)
            return try await Self.client.execute(request, timeout: limit).status.code
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            throw .timedOut
        } catch {
            throw .unreachable
        }
    }

    private static let timeouts: [HTTPClientError] = [.deadlineExceeded, .connectTimeout, .readTimeout, .writeTimeout]
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
