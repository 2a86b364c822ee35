public import NIOCore
import NIOHTTP1
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
        let refusal = UpgradeRefusal(onRequest: onRequest)
        let upgrader = SocketUpgrader(server: server, refusal: refusal, onRequest: onRequest)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }),
            withErrorHandling: false, withOutboundHeaderValidation: true, withEncoderConfiguration: .init())
        try channel.pipeline.syncOperations.addHandler(refusal)
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
        let handshake = SocketHandshake(
            query: Self.query(upgradeRequest), authorization: upgradeRequest.headers["authorization"].first)
        let handler = WebSocketHandler(
            Self.request(upgradeRequest), handshake, server: server, eventLoop: context.eventLoop)
        let frames = WebSocketFrameDecoder(maxFrameSize: server.settings.maxPayload)
        let pipeline = context.pipeline.syncOperations
        return context.eventLoop.makeCompletedFuture {
            try pipeline.addHandlers([ByteToMessageHandler(frames), handler])
            pipeline.removeHandler(refusal, promise: nil)
        }
    }

    private static func request(_ head: HTTPRequestHead) -> EngineRequest {
        EngineRequest(head.method == .GET ? .get : .other, query: query(head), isUpgrade: true)
    }

    private static func query(_ head: HTTPRequestHead) -> String {
        head.uri.firstIndex(of: "?").map { String(head.uri[$0...].dropFirst()) } ?? ""
    }
}

/// Answers a request that did not become a WebSocket, and closes.
private final class UpgradeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    var reason = EngineRefusal.badRequest
    private let onRequest: @Sendable (Int) -> Void

    init(onRequest: @escaping @Sendable (Int) -> Void) { self.onRequest = onRequest }

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
