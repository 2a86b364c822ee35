internal import CHiredis

/// A reply in hiredis's own memory: valid only while it is being handled, so that nothing is copied that need not be.
///
/// `@unchecked Sendable` so that it can be handed into `assumeIsolated` on the loop's thread, which it never leaves.
public struct RedisReply: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<redisReply>

    public var isNil: Bool { pointer.pointee.type == REDIS_REPLY_NIL }

    public var integer: Int64? { pointer.pointee.type == REDIS_REPLY_INTEGER ? pointer.pointee.integer : nil }

    public var error: RedisError? {
        guard pointer.pointee.type == REDIS_REPLY_ERROR else { return nil }
        return RedisError(reply: String(decoding: text, as: UTF8.self))
    }

    /// The bytes of a string or status reply; `nil` for any other.
    public var bytes: UnsafeRawBufferPointer? {
        switch pointer.pointee.type {
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: text
        default: nil
        }
    }

    private var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointer.pointee.str, count: Int(pointer.pointee.len))
    }

    public var isArray: Bool { pointer.pointee.type == REDIS_REPLY_ARRAY }

    /// Zero for anything but an array.
    public var count: Int { isArray ? Int(pointer.pointee.elements) : 0 }

    /// `nil` beyond the array's end.
    public subscript(index: Int) -> RedisReply? {
        guard index >= 0, index < count, let element = pointer.pointee.element[index] else { return nil }
        return RedisReply(pointer: element)
    }

    /// A copy that may be kept.
    public var value: RedisValue {
        if let error { return .error(error) }
        if let integer { return .integer(integer) }
        if let bytes { return .bytes(Array(bytes)) }
        if isArray { return .array((0..<count).compactMap { self[$0]?.value }) }
        return .null
    }
}

/// A reply that was copied, for commands that are seldom sent.
public indirect enum RedisValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case bytes([UInt8])
    case array([RedisValue])
    case error(RedisError)

    public var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    public var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    /// Empty for anything but an array.
    public var elements: [RedisValue] { if case .array(let elements) = self { elements } else { [] } }
    public var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }
    public var error: RedisError? { if case .error(let error) = self { error } else { nil } }
}
