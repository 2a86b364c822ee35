public import NIOCore

/// What the first bytes of a connection begin: a request to become a WebSocket of ours, or any other.
public enum FirstRequest: Sendable, Hashable {
    case undecided, webSocket, other

    /// A head longer than this is for others to judge.
    static let longest = 16 * 1024

    private static let start = Array("GET /socket.io".utf8)

    public init(_ bytes: ByteBuffer) {
        let view = bytes.readableBytesView
        guard view.starts(with: Self.start.prefix(view.count)) else {
            self = .other
            return
        }
        guard let end = Self.end(of: view) else {
            self = view.count < Self.longest ? .undecided : .other
            return
        }
        self = Self.isUpgrade(view[..<end]) ? .webSocket : .other
    }

    /// Where the empty line begins that ends the head.
    private static func end(of view: ByteBufferView) -> Int? {
        var lineStart = view.startIndex
        while let newline = view[lineStart...].firstIndex(of: 0x0A) {
            let line = view[lineStart..<newline]
            if line.isEmpty || line.elementsEqual([0x0D]) { return lineStart }
            lineStart = newline + 1
        }
        return nil
    }

    private static func isUpgrade(_ head: ByteBufferView) -> Bool {
        let lines = head.split(separator: 0x0A)
        guard let path = lines.first?.split(separator: 0x20).dropFirst().first?.prefix(while: { $0 != 0x3F }),
            [Array("/socket.io".utf8), Array("/socket.io/".utf8)].contains(Array(path))
        else { return false }
        return lines.dropFirst().contains { line in
            let field = String(decoding: line, as: UTF8.self).lowercased()
            return field.hasPrefix("upgrade:") && field.contains("websocket")
        }
    }
}

/// Reads the first bytes of a connection and says what they begin, once; then it hands them on and goes.
///
/// A connection that says nothing for `idleTimeout`, or stops in the middle of a head, is closed.
public final class FirstRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer

    private var bytes = ByteBuffer()
    private var timeout: Scheduled<Void>?
    private let idleTimeout: TimeAmount
    private let decide: (FirstRequest) throws -> Void
    private let giveUp: () -> Void
    private var isDecided = false

    /// - Parameters:
    ///   - decide: makes the pipeline behind this handler.
    ///   - giveUp: called where the connection ended before it said what it wants.
    public init(idleTimeout: TimeAmount, decide: @escaping (FirstRequest) throws -> Void, giveUp: @escaping () -> Void)
    {
        self.idleTimeout = idleTimeout
        self.decide = decide
        self.giveUp = giveUp
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: idleTimeout) { channel.close(promise: nil) }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        if !isDecided { giveUp() }
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        let request = FirstRequest(bytes)
        guard request != .undecided, !isDecided else { return }
        isDecided = true
        do {
            try decide(request)
        } catch {
            return context.close(promise: nil)
        }
        context.fireChannelRead(wrapInboundOut(bytes))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where !isDecided: context.close(promise: nil)
        // The client sends nothing more, and has not said what it wants.
        case ChannelEvent.inputClosed where !isDecided: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }
}
