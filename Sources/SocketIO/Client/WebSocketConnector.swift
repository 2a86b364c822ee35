import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

typealias WebSocketChannel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

/// Opens a WebSocket: TCP, TLS with the server's name checked, and HTTP's `Upgrade`.
struct WebSocketConnector: Sendable {
    let requests: ClientRequests
    let tls: TLSConfiguration?
    /// For all of it.
    let limit: Duration

    /// Frames that the server sends, put together from fragments, may have so many bytes.
    static let largestFrame = 1 << 20

    private enum Outcome: Sendable {
        case open(WebSocketChannel)
        /// The status of an answer that is not 101.
        case refused(EventLoopFuture<HTTPResponseStatus>)
    }

    /// Reading the system's certificates costs a tenth of a second, so it is done once.
    private static let systemTrust = Result { try NIOSSLContext(configuration: .makeClientConfiguration()) }

    func open() async throws(ClientTrouble) -> WebSocketChannel {
        let attempt = ConnectionAttempt()
        do {
            let context = requests.address.isSecure ? try tlsContext() : nil
            let outcome = try await withTaskCancellationHandler {
                try await connect(attempt, context)
            } onCancel: {
                attempt.abandon()
            }
            switch outcome {
            case .open(let channel):
                attempt.succeed()
                return channel
            case .refused(let status): throw PollingExchange.trouble(try await status.get(), requests)
            }
        } catch let trouble as ClientTrouble {
            throw trouble
        } catch {
            if attempt.isLate { throw ClientTrouble(.unanswered, "no WebSocket in time") }
            throw ClientTrouble(.unreachable, "no WebSocket (\(ConnectionWords.of(error)))")
        }
    }

    private func tlsContext() throws -> NIOSSLContext {
        try tls.map { try NIOSSLContext(configuration: $0) } ?? Self.systemTrust.get()
    }

    private func connect(_ attempt: ConnectionAttempt, _ context: NIOSSLContext?) async throws -> Outcome {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limit))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
        let outcome = try await bootstrap.connect(host: requests.address.host, port: requests.address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                attempt.begin(channel, within: TimeAmount(limit))
                let pipeline = channel.pipeline.syncOperations
                if let context { try pipeline.addHandler(tlsHandler(context)) }
                var http = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade())
                // Servers send the handshake in one go with the answer; it would be dropped.
                http.leftOverBytesStrategy = .forwardBytes
                return try pipeline.configureUpgradableHTTPClientPipeline(configuration: http)
            }
        }
        return try await outcome.get()
    }

    /// An address that is none of a name's is checked as such.
    private func tlsHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        let host = requests.address.host
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    private func upgrade() -> NIOTypedHTTPClientUpgradeConfiguration<Outcome> {
        var headers = requests.headers
        headers.add(name: "Host", value: requests.address.authority)
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: requests.address.target(requests.items(.websocket)), headers: headers)
        let upgrader = NIOTypedWebSocketClientUpgrader(maxFrameSize: Self.largestFrame) { channel, _ in
            channel.eventLoop.makeCompletedFuture { Outcome.open(try Self.opened(channel)) }
        }
        return .init(upgradeRequestHead: head, upgraders: [upgrader]) { channel in
            let status = channel.eventLoop.makePromise(of: HTTPResponseStatus.self)
            return channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(StatusReader(status))
                return Outcome.refused(status.futureResult)
            }
        }
    }

    private static func opened(_ channel: any Channel) throws -> WebSocketChannel {
        let aggregator = NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024, maxAccumulatedFrameSize: largestFrame)
        try channel.pipeline.syncOperations.addHandler(aggregator)
        return try WebSocketChannel(wrappingChannelSynchronously: channel)
    }
}

/// A connection that may be given up before it is one: by a deadline, or because nobody wants it any more. A host with
/// several addresses is tried at one after the other, and several of them may be under way at once.
private final class ConnectionAttempt: Sendable {
    private struct State {
        var channels: [any Channel] = []
        var deadlines: [Scheduled<Void>] = []
        var isAbandoned = false
        var isLate = false
    }

    private let state = Mutex(State())

    var isLate: Bool { state.withLock { $0.isLate } }

    func begin(_ channel: any Channel, within time: TimeAmount) {
        let deadline = channel.eventLoop.scheduleTask(in: time) { [self] in
            state.withLock { $0.isLate = true }
            channel.close(promise: nil)
        }
        let isAbandoned = state.withLock { state in
            state.channels.append(channel)
            state.deadlines.append(deadline)
            return state.isAbandoned
        }
        if isAbandoned { channel.close(promise: nil) }
    }

    func succeed() {
        for deadline in state.withLock({ $0.deadlines }) { deadline.cancel() }
    }

    func abandon() {
        let channels = state.withLock { state in
            state.isAbandoned = true
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }
}

/// Reads the status of an answer that is no upgrade, and hangs up.
private final class StatusReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let status: EventLoopPromise<HTTPResponseStatus>

    init(_ status: EventLoopPromise<HTTPResponseStatus>) { self.status = status }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        status.succeed(head.status)
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { status.fail(ChannelError.eof) }
}
