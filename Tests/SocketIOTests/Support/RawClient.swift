import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A WebSocket client that does as it is told, right or wrong: what it is sent it keeps, as text, with a space before
/// each frame's payload.
final class RawClient: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    private final class Inbox: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let state = Mutex((bytes: [UInt8](), isClosed: false))

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            state.withLock { $0.bytes += buffer.readableBytesView }
        }

        func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isClosed = true } }
    }

    init(port: Int, query: String, head: String = "", isDeaf: Bool = false) async throws {
        let inbox = Inbox()
        self.inbox = inbox
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .channelInitializer { $0.pipeline.addHandler(inbox) }
            .connect(host: "127.0.0.1", port: port).get()
        let request =
            "GET /socket.io/?\(query) HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\(head)\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: request))
    }

    var received: String { inbox.state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var isClosed: Bool { inbox.state.withLock { $0.isClosed } }
    /// What a close frame told, if one came.
    var closeCode: Int? {
        inbox.state.withLock { state in
            guard let start = state.bytes.lastIndex(of: 0x88), state.bytes.count >= start + 4 else { return nil }
            return Int(state.bytes[start + 2]) << 8 | Int(state.bytes[start + 3])
        }
    }

    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func send(_ text: String) { send(0x81, Array(text.utf8)) }

    /// - Parameter first: the frame's first byte.
    func send(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) {
        let mask: [UInt8] = [1, 2, 3, 4]
        var frame = ByteBuffer()
        frame.writeInteger(first)
        let flag: UInt8 = isMasked ? 0x80 : 0
        if payload.count < 126 {
            frame.writeInteger(flag | UInt8(payload.count))
        } else {
            frame.writeInteger(flag | 127)
            frame.writeInteger(UInt64(payload.count))
        }
        if isMasked { frame.writeBytes(mask) }
        frame.writeBytes(payload.enumerated().map { isMasked ? $1 ^ mask[$0 % 4] : $1 })
        channel.writeAndFlush(frame, promise: nil)
    }

    func sendRaw(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func close() { channel.close(promise: nil) }

    /// As a client does that is killed with something unread.
    func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        close()
    }

    func expect(_ text: String) async throws {
        try await eventually("\(text), was \(received.suffix(200))") { received.contains(text) }
    }

    /// That it was sent last, however much came before it.
    func expect(last text: String) async throws {
        try await eventually(text) {
            inbox.state.withLock { $0.bytes.suffix(text.utf8.count).elementsEqual(text.utf8) }
        }
    }

    func expectEnd(_ code: Int? = nil) async throws {
        try await eventually("the end") { isClosed }
        if let code, closeCode != code { throw Timeout(what: "the end for \(code), was \(closeCode ?? 0)") }
    }
}

/// Looks again and again until it is so.
func eventually(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(30), _ holds: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !holds() {
        guard ContinuousClock.now < deadline else { throw Timeout(what: what()) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct Timeout: Error, CustomStringConvertible {
    let what: String
    var description: String { "waited in vain for \(what)" }
}
