import AsyncHTTPClient
internal import NIOCore
import Synchronization

/// HTTP clients that connect to an address of our choice, whatever a name server says by then: a name that was checked a
/// moment ago may lead elsewhere at the second look (DNS rebinding), so there is none.
///
///     use(A) ─▶ client of A ─▶ giveBack        the name moves to B:  use(B) ─▶ client of B
///                                                                    A is shut down once nobody uses it
///
/// Names, certificates and the `Host` header remain those of the URL.
final class PinnedClients: Sendable {
    /// One address's client, and how many use it.
    private struct Held {
        let address: IPAddress
        let client: HTTPClient
        var uses = 0
        var isRetired = false
    }

    private let host: String
    private let concurrency: Int
    private let timeout: Duration
    private let held = Mutex<[Held]>([])

    /// Long enough for a lost packet or two, and short enough to try another address within the time of a try. Of a short
    /// time it is a part, so that an address where nobody is can be told from a server that does not answer.
    private static let longestConnect = Duration.seconds(4)

    init(host: String, concurrency: Int, timeout: Duration) {
        self.host = host
        self.concurrency = concurrency
        self.timeout = timeout
    }

    deinit {
        for item in held.withLock({ $0 }) { item.client.shutdown { _ in } }
    }

    /// Each use ends with ``giveBack(_:)``.
    func use(_ address: IPAddress) -> HTTPClient {
        held.withLock { held in
            for index in held.indices { held[index].isRetired = held[index].address != address }
            let index = held.firstIndex { $0.address == address } ?? held.endIndex
            if index == held.endIndex { held.append(Held(address: address, client: makeClient(address))) }
            held[index].uses += 1
            return held[index].client
        }
    }

    func giveBack(_ client: HTTPClient) {
        let idle = held.withLock { held in
            for index in held.indices where held[index].client === client { held[index].uses -= 1 }
            let idle = held.filter { $0.isRetired && $0.uses == 0 }
            held.removeAll { $0.isRetired && $0.uses == 0 }
            return idle
        }
        for item in idle { item.client.shutdown { _ in } }
    }

    /// The address in use, if it is among these: a host with several stays at the one that has answered.
    func preferred(among addresses: [IPAddress]) -> IPAddress? {
        held.withLock { held in held.last { !$0.isRetired && addresses.contains($0.address) }?.address }
    }

    func close() async {
        let all = held.withLock { held in
            defer { held = [] }
            return held
        }
        for item in all { try? await item.client.shutdown() }
    }

    private func makeClient(_ address: IPAddress) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.dnsOverride = [host: address.description]
        configuration.timeout.connect = .nanoseconds(min(timeout * 3 / 4, Self.longestConnect).nanoseconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        // More than are under way: one that is being given up may still hold its connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency * 2
        // A connection a message: one that breaks leaves no doubt about others.
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
