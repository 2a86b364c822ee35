import AsyncHTTPClient
import CTIPipeline
import NIOCore
import NIOHTTP1

/// One request of a look-up over HTTP: `GET url`, as JSON.
struct LookupExchange: Sendable {
    let headers: [LookupSettings.Header]
    /// Sent as `Authorization: Bearer`.
    let token: String?
    /// The connection and the head of an answer may take so long.
    let limit: Duration

    static let largestAnswer = 256 << 10

    /// Never shut down: it lives as long as the process. Redirects are not followed: the token is for one address alone.
    ///
    /// Tenants share its connections, and how many a look-up may have is the look-up's own affair: so there is no limit here
    /// that one tenant could use up for the others.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100_000
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// The body; empty where nobody is known, which some tell by 404 or 204.
    func get(_ url: String) async throws(ContactLookupError) -> [UInt8] {
        do {
            let response = try await Self.client.execute(request(url), timeout: .milliseconds(limit.milliseconds))
            switch response.status {
            case .notFound, .noContent: return []
            case .ok: return Array(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
            default: throw ContactLookupError(.status, "HTTP status \(response.status.code)")
            }
        } catch let error as ContactLookupError {
            throw error
        } catch is NIOTooManyBytesError {
            throw ContactLookupError(
                .unreadable, "an answer that is too large, expected at most \(Self.largestAnswer) bytes")
        } catch let error as HTTPClientError where Self.timeouts.contains(error) {
            throw ContactLookupError(.timeout, "no answer in time")
        } catch let error as HTTPClientError {
            throw ContactLookupError(.unreachable, error.shortDescription)
        } catch {
            throw ContactLookupError(.unreachable, "no answer (\(type(of: error)))")
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .deadlineExceeded, .connectTimeout, .readTimeout, .getConnectionFromPoolTimeout,
    ]

    private func request(_ url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        for header in headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        if let token { request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token)") }
        return request
    }
}
