public import NIOCore

/// Why a request is refused: Engine.IO's own codes and messages, which its clients know.
public enum EngineRefusal: Int, Sendable, CaseIterable, Error {
    case unknownTransport = 0
    case unknownSession, badMethod, badRequest, forbidden, unsupportedRevision

    public var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedRevision: "Unsupported protocol version"
        }
    }

    public var answer: EngineAnswer {
        EngineAnswer(
            status: self == .forbidden ? 503 : 400, type: "application/json",
            body: ByteBuffer(string: #"{"code":\#(rawValue),"message":"\#(message)"}"#))
    }
}

/// An answer to a polling request.
public struct EngineAnswer: Sendable, Hashable {
    public var status: Int
    public var type: String
    public var body: ByteBuffer

    static func packets(_ packets: [WirePacket]) -> EngineAnswer {
        EngineAnswer(status: 200, type: "text/plain; charset=UTF-8", body: WirePacket.body(of: packets))
    }

    static let taken = EngineAnswer(status: 200, type: "text/html", body: ByteBuffer(string: "ok"))
    static let tooLarge = EngineAnswer(status: 413, type: "text/plain", body: ByteBuffer())
}
