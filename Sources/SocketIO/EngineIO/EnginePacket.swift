/// One packet of Engine.IO: the layer below Socket.IO, which carries messages over polling and WebSocket alike.
///
/// Source: the Engine.IO protocol, revisions 3 and 4. Both have the same kinds; they differ in who pings, and in how
/// binary messages are written.
public struct EnginePacket: Sendable, Hashable {
    /// Raw values are those of the wire, a digit each.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case open = 0
        case close, ping, pong, message, upgrade, noop
    }

    /// What a packet carries. UTF-8 of a text is not validated here.
    public enum Payload: Sendable, Hashable {
        case text([UInt8])
        case binary([UInt8])

        public static let none = Payload.text([])

        public var bytes: [UInt8] {
            switch self {
            case .text(let bytes), .binary(let bytes): bytes
            }
        }
    }

    public var kind: Kind
    public var payload: Payload

    public init(_ kind: Kind, _ payload: Payload = .none) {
        self.kind = kind
        self.payload = payload
    }

    public init(_ kind: Kind, _ text: String) { self.init(kind, .text(Array(text.utf8))) }

    public static func message(_ text: [UInt8]) -> EnginePacket { EnginePacket(.message, .text(text)) }
    public static func message(binary: [UInt8]) -> EnginePacket { EnginePacket(.message, .binary(binary)) }
}

/// The protocol's revision: `EIO` of a request's query.
public enum EngineRevision: Int, Sendable, CaseIterable {
    /// Socket.IO 1.x and 2.x: the client pings.
    case three = 3
    /// Socket.IO 3.x and later: the server pings.
    case four = 4
}

/// What a peer sent is none of Engine.IO or Socket.IO. It carries nothing of what was sent.
public struct PacketError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

// MARK: - As WebSocket frames

extension EnginePacket {
    /// The frame that carries it. Only messages are binary; revision 3 writes their kind as a byte before them.
    public func webSocketPayload(_ revision: EngineRevision) -> Payload {
        switch payload {
        case .text(let bytes): .text([kind.digit] + bytes)
        case .binary(let bytes): .binary(revision == .three ? [kind.rawValue] + bytes : bytes)
        }
    }

    public init(webSocketPayload: Payload, _ revision: EngineRevision) throws(PacketError) {
        switch webSocketPayload {
        case .text(let bytes): try self.init(text: bytes[...])
        case .binary(let bytes) where revision == .four: self = .message(binary: bytes)
        case .binary(let bytes):
            guard let first = bytes.first, let kind = Kind(rawValue: first) else {
                throw PacketError("a binary frame without a packet's kind")
            }
            self.init(kind, .binary(Array(bytes.dropFirst())))
        }
    }

    /// A digit and what it carries.
    init(text: ArraySlice<UInt8>) throws(PacketError) {
        guard let first = text.first, first >= UInt8(ascii: "0"), let kind = Kind(rawValue: first - UInt8(ascii: "0"))
        else { throw PacketError("a packet without a kind") }
        self.init(kind, .text(Array(text.dropFirst())))
    }
}

extension EnginePacket.Kind {
    var digit: UInt8 { rawValue + UInt8(ascii: "0") }
}
