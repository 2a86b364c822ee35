import AsyncHTTPClient
import NIOSSL
import Synchronization

/// HTTP clients that trust an authority of a test's own: one each, for as long as the tests run.
enum SecureClients {
    private static let clients = Mutex<[String: HTTPClient]>([:])

    static func client(trusting authority: String) -> HTTPClient {
        clients.withLock { clients in
            if let client = clients[authority] { return client }
            var configuration = HTTPClient.Configuration.singletonConfiguration
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.trustRoots = .file(authority)
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            clients[authority] = client
            return client
        }
    }
}
