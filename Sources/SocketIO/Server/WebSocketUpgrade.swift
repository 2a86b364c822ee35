public import NIOCore
public import NIOHTTP1
import NIOWebSocket

/// From the bytes of an upgrade request to a WebSocket of the server, or to a refusal.
///
///     bytes ─▶ HTTP decoder ─▶ upgrade ─▶ refusal            until it is decided
///     bytes ─▶ WebSocket frame decoder ─▶ WebSocketHandler   afterwards
public struct WebSocketUpgrade: Sendable {
    private let server: SocketServer
    private let onRequest: @Sendable (Int) -> Void

    /// - Parameter onRequest: told the status of each answer, for the log.
    public init(_ server: SocketServer, onRequest: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.server = server
        self.onRequest = onRequest
    }

    /// Makes a pipeline for it, on the channel's event loop. What has been read of the request is to be fired into it.
    public func configure(_ channel: any Channel) throws {
        let refusal = UpgradeRefusal(within: server.settings.joinTimeout, onRequest: onRequest)
        let upgrader = SocketUpgrader(server: server, refusal: refusal, onRequest: onRequest)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }),
            withErrorHandling: false, withOutboundHeaderValidation: true, withEncoderConfiguration: .init())
        try channel.pipeline.syncOperations.addHandler(refusal)
    }

    /// The same for a connection that has carried HTTP before, as aiohttp and some proxies want it: the WebSocket's handlers
    /// stand before those of HTTP, which see no more of it. Returns when the connection has ended.
    ///
    /// - Throws: where it stays HTTP.
    public func takeOver(_ channel: any Channel, head: HTTPRequestHead) async throws(EngineRefusal) {
        if let refusal = server.refusal(of: SocketUpgrader.request(head)) { throw refusal }
        do {
            try await channel.eventLoop.flatSubmit { [server, onRequest] in
                let refusal = UpgradeRefusal(within: server.settings.joinTimeout, onRequest: onRequest)
                let upgrader = SocketUpgrader(server: server, refusal: refusal, onRequest: onRequest)
                return upgrader.buildUpgradeResponse(
                    channel: channel, upgradeRequest: head, initialResponseHeaders: [:]
                ).assumeIsolated().flatMapThrowing { try upgrader.takeOver(channel, head, $0) }.nonisolated()
            }.get()
        } catch {
            throw error as? EngineRefusal ?? .badRequest
        }
        try? await channel.closeFuture.get()
    }
}

/// NIO's own shakes hands; the pipeline afterwards is ours, without an encoder.
private final class SocketUpgrader: HTTPServerProtocolUpgrader {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []
    private let server: SocketServer
    private let refusal: UpgradeRefusal
    private let onRequest: @Sendable (Int) -> Void
    private let handshaker = NIOWebSocketServerUpgrader(
        shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
        upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })

    init(server: SocketServer, refusal: UpgradeRefusal, onRequest: @escaping @Sendable (Int) -> Void) {
        self.server = server
        self.refusal = refusal
        self.onRequest = onRequest
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        if let refusal = server.refusal(of: Self.request(upgradeRequest)) {
            self.refusal.reason = refusal
            return channel.eventLoop.makeFailedFuture(refusal)
        }
        return handshaker.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    func upgrade(context: ChannelHandlerContext, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Void> {
        onRequest(101)
        let pipeline = context.pipeline.syncOperations
        return context.eventLoop.makeCompletedFuture {
            try pipeline.addHandlers(handlers(upgradeRequest, context.eventLoop))
            pipeline.removeHandler(refusal, promise: nil)
        }
    }

    /// The client waits for the answer before it says more, so nothing of it is in the HTTP decoder.
    func takeOver(_ channel: any Channel, _ head: HTTPRequestHead, _ headers: HTTPHeaders) throws {
        let pipeline = channel.pipeline.syncOperations
        let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
        onRequest(101)
        var answer = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n")
        for (name, value) in headers { answer.writeString("\(name): \(value)\r\n") }
        answer.writeString("\r\n")
        encoder.writeAndFlush(NIOAny(answer), promise: nil)
        // The encoder is HTTP's first handler: it must not see our bytes, as the decoder must not see the client's.
        try pipeline.addHandlers(handlers(head, channel.eventLoop), position: .before(encoder.handler))
    }

    private func handlers(_ head: HTTPRequestHead, _ eventLoop: any EventLoop) -> [any ChannelHandler] {
        let handshake = SocketHandshake(query: Self.query(head), authorization: head.headers["authorization"].first)
        let handler = WebSocketHandler(Self.request(head), handshake, server: server, eventLoop: eventLoop)
        let frames = WebSocketFrameDecoder(maxFrameSize: server.settings.maxPayload)
        return [ByteToMessageHandler(frames), handler]
    }

    static func request(_ head: HTTPRequestHead) -> EngineRequest {
        EngineRequest(head.method == .GET ? .get : .other, query: query(head), isUpgrade: true)
    }

    private static func query(_ head: HTTPRequestHead) -> String {
        head.uri.firstIndex(of: "?").map { String(head.uri[$0...].dropFirst()) } ?? ""
    }
}

/// Answers a request that did not become a WebSocket, and closes; one that does not end is closed without an answer.
private final class UpgradeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    var reason = EngineRefusal.badRequest
    private let limit: TimeAmount
    private var timeout: Scheduled<Void>?
    private let onRequest: @Sendable (Int) -> Void

    /// - Parameter limit: until the request must have ended.
    init(within limit: TimeAmount, onRequest: @escaping @Sendable (Int) -> Void) {
        self.limit = limit
        self.onRequest = onRequest
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let answer = reason.answer
        onRequest(answer.status)
        let headers: HTTPHeaders = [
            "content-type": answer.type, "content-length": "\(answer.body.readableBytes)", "connection": "close",
        ]
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The refusal itself comes by here; all else is a request that is none.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError { context.close(promise: nil) }
    }
}
