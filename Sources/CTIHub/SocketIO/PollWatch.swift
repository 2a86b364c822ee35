import NIOCore

/// Notices that the client of a poll is gone, which nobody else would before its next ping is due.
final class PollWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    private let onGone: @Sendable () -> Void

    init(onGone: @escaping @Sendable () -> Void) { self.onGone = onGone }

    func begin(on channel: any Channel) async {
        let added = channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(self, position: .first)
        }
        try? await added.get()
    }

    func end(on channel: any Channel) {
        channel.eventLoop.execute { channel.pipeline.syncOperations.removeHandler(self, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        onGone()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { onGone() }
        context.fireUserInboundEventTriggered(event)
    }
}
