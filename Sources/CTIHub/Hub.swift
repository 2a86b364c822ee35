public import Hummingbird
import HummingbirdCore
public import Logging
import Metrics
import NIOCore
public import SocketIO

/// The HTTP side of the daemon: streams, acknowledgements, calls, pages, health.
///
///     connection ─▶ HubChannel ─▶ a WebSocket of Socket.IO, or:
///     request ─▶ access log ─▶ security headers ─▶ errors as problems ─▶ route ─▶ gatekeeper ─▶ tenant's gateway
///                                                                          │
///     client  ◀── stream's writer ◀── FrameMailbox ◀──── frames ───────────┘
///
/// The hub knows tenants by ``TenantRegistry`` alone, which may change while it runs. It keeps no state of calls.
public struct Hub: Sendable {
    public let tenants: TenantRegistry
    public let counters: HubCounters
    private let configuration: HubConfiguration
    private let roster: StreamRoster
    private let boards: Boards
    private let dialGate = DialGate()
    private let gatekeeper: Gatekeeper
    private let sockets: SocketServer
    /// Of Socket.IO's clients.
    public var socketCounters: SocketCounters { sockets.counters }

    public init(configuration: HubConfiguration, tenants: TenantRegistry) {
        self.configuration = configuration
        self.tenants = tenants
        counters = HubCounters(certificate: configuration.certificate)
        roster = StreamRoster(heartbeat: configuration.heartbeat, counters: counters, now: configuration.now)
        boards = Boards(tenants: tenants, now: configuration.now)
        gatekeeper = Gatekeeper(tenants: tenants, now: configuration.now)
        var settings = configuration.sockets
        settings.outgoingBytes = configuration.mailboxBytes
        sockets = SocketServer(
            settings: settings, handler: SocketDesk(gatekeeper: gatekeeper, limit: configuration.mailboxBytes))
    }

    /// The application, to be run as a service. It ends within about a second of a graceful shutdown: streams are
    /// closed with a retry hint, clients that do not read are cut off.
    ///
    /// - Parameters:
    ///   - server: another one than HTTP/1.1, over TLS where the configuration has a certificate.
    ///   - onServerRunning: called with the port that it listens on.
    public func buildApplication(
        logger: Logger, server: HTTPServerBuilder? = nil,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        // Where it listens is told by whoever started it; said twice, it reads as two servers.
        var serverLogger = logger
        if logger.logLevel == .info { serverLogger.logLevel = .notice }
        return Application(
            router: buildRouter(), server: server ?? self.server(serverLogger),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil),
            services: [roster, boards, SocketService(server: sockets)],
            onServerRunning: { await onServerRunning($0.localAddress?.port ?? 0) },
            logger: serverLogger)
    }

    /// HTTP/1.1, and Socket.IO's WebSockets on the same port; over TLS where there is a certificate.
    private func server(_ logger: Logger) -> HTTPServerBuilder {
        guard let certificate = configuration.certificate else { return plainServer(logger) }
        let upgrade = upgrade(logger)
        return HTTPServerBuilder { SecureChannel(plain: channel($0, upgrade), certificate: certificate) }
    }

    /// The same without TLS, whatever the configuration has.
    public func plainServer(_ logger: Logger) -> HTTPServerBuilder {
        let upgrade = upgrade(logger)
        return HTTPServerBuilder { channel($0, upgrade) }
    }

    private func channel(_ responder: @escaping HTTPChannelHandler.Responder, _ upgrade: WebSocketUpgrade) -> HubChannel
    {
        let timeout = TimeAmount(configuration.idleTimeout)
        return HubChannel(
            http: HTTP1Channel(responder: responder, configuration: .init(idleTimeout: timeout)), upgrade: upgrade,
            idleTimeout: timeout)
    }

    private func upgrade(_ logger: Logger) -> WebSocketUpgrade {
        // As AccessLog does it, which sees only what is HTTP.
        WebSocketUpgrade(sockets) { status in
            logger.debug(
                "Request", metadata: ["method": "GET", "path": "\(SocketRoutes.path)/", "status": "\(status)"])
        }
    }

    func buildRouter() -> Router<HubRequestContext> {
        let router = Router(context: HubRequestContext.self)
        router.add(middleware: AccessLog())
        router.add(middleware: SecurityHeaders())
        router.add(middleware: MetricsMiddleware())
        router.add(middleware: ProblemMiddleware())
        write(into: router).close()
        return router
    }

    /// The book of all routes.
    func buildBook() -> RouteBook { write(into: Router(context: HubRequestContext.self)) }

    private func write(into router: Router<HubRequestContext>) -> RouteBook {
        var book = RouteBook(router)
        let streams = EventStream(roster: roster, counters: counters, configuration: configuration)
        HealthRoutes(tenants: tenants).add(to: &book)
        MetricsRoutes(
            tenants: tenants, counters: counters, sockets: sockets.counters, version: configuration.version,
            libraries: MetricsSystem.factory as? PrometheusRegistry, now: configuration.now
        ).add(to: &book)
        PageRoutes(tenants: tenants).add(to: &book)
        let body = JSONBody(limit: configuration.bodyBytes)
        AgentRoutes(gatekeeper: gatekeeper, streams: streams, body: body).add(to: &book)
        IngestRoutes(gatekeeper: gatekeeper, limit: configuration.bodyBytes).add(to: &book)
        DialRoutes(gatekeeper: gatekeeper, body: body, gate: dialGate).add(to: &book)
        RealtimeRoutes(gatekeeper: gatekeeper, streams: streams).add(to: &book)
        BoardRoutes(gatekeeper: gatekeeper, streams: streams, boards: boards).add(to: &book)
        CallRoutes(gatekeeper: gatekeeper).add(to: &book)
        ContactRoutes(gatekeeper: gatekeeper).add(to: &book)
        SocketRoutes(server: sockets, upgrade: WebSocketUpgrade(sockets), tenants: tenants).add(to: &book)
        return book
    }
}
