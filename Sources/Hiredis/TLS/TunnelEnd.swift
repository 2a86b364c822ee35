internal import NIOCore

/// One of the two ends of a tunnel: what its channel reads, the other's channel writes. Both are on one event loop.
///
///     read here ──▶ written there          there cannot write ──▶ nothing is read here
///     over here ──▶ written out there, then closed
///
/// So neither side's bytes gather here: at most what NIO takes for writing before it says that it is full (64 KiB), and one
/// read more.
final class TunnelEnd: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Which way what is left goes when the other side is over.
    private enum Side { case server, client }

    /// Told of the server's side's end: its error, and whether the server had answered anything.
    private let onEnd: ((any Error)?, Bool) -> Void
    private let side: Side
    private var other: TunnelEnd?
    private var context: ChannelHandlerContext?
    private var error: (any Error)?
    private var hasRead = false
    private var isReadWanted = false
    private var isOver = false

    private init(_ side: Side, onEnd: @escaping ((any Error)?, Bool) -> Void) {
        self.side = side
        self.onEnd = onEnd
    }

    /// The server's end, and hiredis's.
    static func pair(onEnd: @escaping ((any Error)?, Bool) -> Void) -> (TunnelEnd, TunnelEnd) {
        let (server, client) = (TunnelEnd(.server, onEnd: onEnd), TunnelEnd(.client) { _, _ in })
        (server.other, client.other) = (client, server)
        return (server, client)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    /// The two hold each other until one of them is over.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    // MARK: There

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasRead = true
        other?.context?.write(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { other?.context?.flush() }

    // MARK: Not faster than it is taken

    func read(context: ChannelHandlerContext) {
        if other?.context?.channel.isWritable ?? true { context.read() } else { isReadWanted = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { other?.readAsWanted() }
        context.fireChannelWritabilityChanged()
    }

    private func readAsWanted() {
        guard isReadWanted else { return }
        isReadWanted = false
        context?.read()
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = self.error ?? error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        onEnd(error, hasRead)
        let other = other
        self.other = nil
        other?.otherEnded()
    }

    /// What the server said last is still handed over. Whoever hung up on our side waits for nothing: nor is the server
    /// waited for, who may never take what is left.
    private func otherEnded() {
        guard let context else { return }
        guard side == .client else { return context.close(promise: nil) }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.close(promise: nil) }
    }
}
