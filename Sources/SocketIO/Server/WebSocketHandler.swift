import NIOCore
import NIOWebSocket

/// The end of a WebSocket's pipeline: frames become packets, packets become bytes.
///
/// It holds a connection and, while a message comes in pieces, those pieces. Server's frames are not made by NIO's
/// encoder, as they are the same bytes for everybody.
///
/// `@unchecked`: it is touched on its channel's event loop alone, but for its loop and ``close(_:)``, ``send(_:)``.
final class WebSocketHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    let eventLoop: any EventLoop
    private let server: SocketServer
    private let request: EngineRequest
    private let handshake: SocketHandshake
    private var connection: SocketConnection?
    private var context: ChannelHandlerContext?
    private var pieces: (isBinary: Bool, bytes: ByteBuffer)?
    private var isClosing = false

    init(_ request: EngineRequest, _ handshake: SocketHandshake, server: SocketServer, eventLoop: any EventLoop) {
        self.request = request
        self.handshake = handshake
        self.server = server
        self.eventLoop = eventLoop
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection = server.attach(self, request, handshake)
        if connection == nil { end(.closedByServer) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        (self.context, connection) = (nil, nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        tell { $0.lost($1) }
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { tell { $0.writable($1) } }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: fail(.shutdown)
        case ChannelEvent.inputClosed: fail(.connectionLost)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? NIOWebSocketError {
        case .invalidFrameLength: fail(.tooLarge)
        case .some: fail(.garbage)
        // The connection's own, as one that was reset.
        case nil: fail(.connectionLost)
        }
    }

    /// Where the connection is gone already, nobody else would close it.
    private func fail(_ reason: EngineEnd) {
        guard connection != nil else { return end(reason) }
        tell { $0.failed(reason, $1) }
    }

    private func tell(_ what: @escaping @Sendable (SocketConnection, WebSocketHandler) -> Void) {
        guard let connection else { return }
        connection.loop.run { what(connection, self) }
    }
}

// MARK: - Frames

extension WebSocketHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !isClosing else {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        // Clients mask what they send (RFC 6455, §5.1), and no extension was agreed upon.
        guard frame.maskKey != nil, frame.reservedBits.isEmpty else { return fail(.garbage) }
        switch frame.opcode {
        case .text, .binary, .continuation: take(frame)
        // Only the latest need be answered (RFC 6455, §5.5.3): a client that does not read gathers no answers here.
        case .ping: if context.channel.isWritable { write(.pong, frame.unmaskedData) }
        case .pong: break
        case .connectionClose: fail(.closedByClient)
        default: fail(.garbage)
        }
    }

    private func take(_ frame: WebSocketFrame) {
        var bytes = frame.unmaskedData
        switch (pieces, frame.opcode == .continuation) {
        case (nil, true), (.some, false): return fail(.garbage)
        case (nil, false): pieces = (frame.opcode == .binary, bytes)
        case (.some, true): pieces?.bytes.writeBuffer(&bytes)
        }
        guard let message = pieces, message.bytes.readableBytes <= server.settings.maxPayload else {
            return fail(.tooLarge)
        }
        guard frame.fin else { return }
        pieces = nil
        let content = Array(message.bytes.readableBytesView)
        let payload: EnginePacket.Payload = message.isBinary ? .binary(content) : .text(content)
        tell { $0.received(payload, from: $1) }
    }

    /// Whether the client keeps up.
    func write(_ packets: [WirePacket]) -> Bool {
        guard let context, !isClosing else { return false }
        for packet in packets { context.write(wrapOutboundOut(packet.frame), promise: nil) }
        context.flush()
        return context.channel.isWritable
    }

    /// From any thread: one packet, beside all that is queued.
    func send(_ packet: WirePacket) {
        if eventLoop.inEventLoop {
            _ = write([packet])
            return
        }
        eventLoop.execute { _ = self.write([packet]) }
    }

    private func write(_ opcode: WebSocketOpcode, _ content: ByteBuffer) {
        var frame = ByteBuffer()
        frame.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        frame.writeInteger(UInt8(truncatingIfNeeded: content.readableBytes))
        frame.writeImmutableBuffer(content)
        context?.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}

// MARK: - The end

extension WebSocketHandler {
    /// So long a client has to close its side. It need not be long: nothing is lost any more.
    private static let closing = TimeAmount.milliseconds(500)

    /// From any thread.
    func close(_ reason: EngineEnd) {
        if eventLoop.inEventLoop { end(reason) } else { eventLoop.execute { self.end(reason) } }
    }

    private func end(_ reason: EngineEnd) {
        guard !isClosing, let context else { return }
        isClosing = true
        connection = nil
        pieces = nil
        guard reason != .connectionLost, context.channel.isWritable else { return context.close(promise: nil) }
        write(.connectionClose, ByteBuffer(integer: reason.webSocketCode))
        // One who closed first waits for nothing but this; a daemon that stops waits for nobody.
        guard reason != .closedByClient, reason != .shutdown else { return context.close(mode: .all, promise: nil) }
        let channel = context.channel
        eventLoop.scheduleTask(in: Self.closing) { channel.close(promise: nil) }
    }
}
