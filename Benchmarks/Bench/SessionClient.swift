import NIOCore
import NIOPosix
import Synchronization

/// One WebSocket, as small as a client can be: it joins, answers pings, and tells when an event came.
///
/// Written for the bench alone: it trusts the server, and masks with zeros.
final class SessionClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is told to whoever counts.
    enum Sign: Sendable { case joined, event }

    private let path: String
    /// What joins a namespace, where the server speaks Socket.IO.
    private let join: String?
    private let tell: @Sendable (Sign) -> Void
    private var bytes = ByteBuffer()
    private var isOpen = false

    init(path: String, join: String?, tell: @escaping @Sendable (Sign) -> Void) {
        self.path = path
        self.join = join
        self.tell = tell
    }

    func channelActive(context: ChannelHandlerContext) {
        let request = """
            GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n\r\n
            """
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        if !isOpen {
            guard let end = bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            bytes.moveReaderIndex(to: end.upperBound)
            isOpen = true
            if join == nil { tell(.joined) }
        }
        while let text = nextText() { handle(text, context) }
        bytes.discardReadBytes()
    }

    private func handle(_ text: String, _ context: ChannelHandlerContext) {
        guard let join else { return tell(.event) }
        switch text.first {
        case "0": send("40\(join)", context)
        case "2": send("3", context)
        default:
            if text.hasPrefix("40") { tell(.joined) }
            if text.hasPrefix("42"), text.contains("\"RealtimeCTI\"") { tell(.event) }
        }
    }

    /// A whole frame's, `nil` where none is complete.
    private func nextText() -> String? {
        let start = bytes.readerIndex
        guard let first = bytes.getInteger(at: start, as: UInt8.self),
            let second = bytes.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        var (length, header) = (Int(second & 0x7F), 2)
        if length == 126 {
            guard let long = bytes.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            (length, header) = (Int(long), 4)
        } else if length == 127 {
            guard let long = bytes.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            (length, header) = (Int(long), 10)
        }
        guard bytes.readableBytes >= header + length else { return nil }
        bytes.moveReaderIndex(forwardBy: header)
        let text = bytes.readString(length: length)
        return first & 0x0F == 1 ? text : ""
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        var frame = ByteBuffer()
        frame.writeInteger(UInt8(0x81))
        let length = text.utf8.count
        if length < 126 {
            frame.writeInteger(UInt8(0x80 | length))
        } else {
            frame.writeInteger(UInt8(0x80 | 126))
            frame.writeInteger(UInt16(length))
        }
        frame.writeInteger(UInt32(0))
        frame.writeString(text)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
