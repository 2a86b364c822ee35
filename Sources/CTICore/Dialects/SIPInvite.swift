/// A stand-in, until the real one comes.
public struct SIPInvite: Sendable {
    public init(message: [UInt8]) throws(DecodeFailure) {
        throw DecodeFailure(.unknownType, "not written yet")
    }

    public init(headers: JSONObject) throws(DecodeFailure) {
        throw DecodeFailure(.unknownType, "not written yet")
    }

    public static func isHeaders(_ object: JSONObject) -> Bool { false }

    public func account() throws(DecodeFailure) -> CallAccount {
        throw DecodeFailure(.unknownType, "not written yet")
    }
}
