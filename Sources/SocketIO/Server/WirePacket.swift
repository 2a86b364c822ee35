import Foundation
public import NIOCore

/// One packet of Engine.IO 4, written once for all who are sent it.
///
///     81 | length | 42["call",{…}]        a WebSocket frame of a server: it has no mask, so it is the same for everybody
///                   ╰── payload ──╯       what polling sends; of a binary message base64 of it
public struct WirePacket: Sendable, Hashable {
    public let isBinary: Bool
    /// With the WebSocket frame's head.
    let frame: ByteBuffer
    public let payload: ByteBuffer

    /// What it takes while it waits.
    var count: Int { frame.readableBytes }

    public init(_ packet: EnginePacket) {
        switch packet.webSocketPayload(.four) {
        case .text(let bytes): self.init(bytes, isBinary: false)
        case .binary(let bytes): self.init(bytes, isBinary: true)
        }
    }

    private init(_ bytes: [UInt8], isBinary: Bool) {
        self.isBinary = isBinary
        var frame = ByteBuffer()
        frame.reserveCapacity(bytes.count + 10)
        frame.writeInteger(isBinary ? 0x82 : 0x81, as: UInt8.self)
        switch bytes.count {
        case ..<126: frame.writeInteger(UInt8(bytes.count))
        case ...0xFFFF:
            frame.writeInteger(126, as: UInt8.self)
            frame.writeInteger(UInt16(bytes.count))
        default:
            frame.writeInteger(127, as: UInt8.self)
            frame.writeInteger(UInt64(bytes.count))
        }
        let head = frame.readableBytes
        frame.writeBytes(bytes)
        self.frame = frame
        payload = frame.getSlice(at: head, length: bytes.count) ?? ByteBuffer()
    }

    public static func == (one: WirePacket, other: WirePacket) -> Bool { one.frame == other.frame }
    public func hash(into hasher: inout Hasher) { hasher.combine(frame) }

    static let ping = WirePacket(EnginePacket(.ping))
    static let noop = WirePacket(EnginePacket(.noop))
    static let close = WirePacket(EnginePacket(.close))
    static let probeAnswer = WirePacket(EnginePacket(.pong, "probe"))

    /// Several of them as the body of a polling answer.
    static func body(of packets: [WirePacket]) -> ByteBuffer {
        var body = ByteBuffer()
        for packet in packets {
            if body.writerIndex > 0 { body.writeInteger(0x1E, as: UInt8.self) }
            if packet.isBinary {
                body.writeString("b" + Data(packet.payload.readableBytesView).base64EncodedString())
            } else {
                body.writeImmutableBuffer(packet.payload)
            }
        }
        return body
    }
}
