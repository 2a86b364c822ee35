/// Decodes one element of the PBX's inbound list, `{"type":"call","payload":{…}}`, into the call event it stands for.
///
/// The whole text is checked before anything in it is judged, so the first failure of this order is the one reported:
/// size, UTF-8, syntax, an object at the top, `type`, `payload`, required fields, types of fields. The notification is sent
/// when the call is bridged to an agent, so its kind is always `up`. Source: Teleforge's "Redis Notification".
///
///     bytes ──► NotificationHotPath ──────────────► NotificationFields ──► CallEvent
///                    │ anything unusual                  ▲
///                    └──► NotificationScan (any text) ───┘
///
/// The hot path only ever declines, it never fails: which error a payload gets is decided in one place.
public struct NotificationDecoder: Sendable {
    /// Refuse unquoted keys and missing commas, which the vendor's documentation prints.
    public let strict: Bool
    /// In bytes; a payload with more of them is `too-large`.
    public let limit: Int

    /// Offsets are kept in 32 bits, so no limit exceeds 4 GiB.
    public init(strict: Bool = false, limit: Int = 65_536) {
        self.strict = strict
        self.limit = min(limit, Int(UInt32.max))
    }

    public func decode(_ bytes: [UInt8]) throws(DecodeFailure) -> CallEvent {
        try bytes.withUnsafeBufferPointer { buffer throws(DecodeFailure) in
            try decode(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads `bytes` only during the call, and nothing outside of them.
    public func decode(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> CallEvent {
        guard bytes.count <= limit else { throw tooLarge }
        if let path = NotificationHotPath(bytes) {
            var fields = NotificationFields()
            if path.scan(into: &fields) { return try fields.event(in: bytes) }
        }
        return try decodeAnyText(bytes)
    }

    /// The way for every text, usual or not. `decode` gives the same, only sooner.
    func decodeAnyText(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> CallEvent {
        guard bytes.count <= limit else { throw tooLarge }
        guard UTF8Text.isValid(bytes) else { throw DecodeFailure(.notUTF8, "the text is not UTF-8") }
        let text = UTF8Text.withoutByteOrderMark(bytes)
        var scan = NotificationScan(text, relaxed: !strict)
        return try scan.fields().event(in: text)
    }

    private var tooLarge: DecodeFailure { DecodeFailure(.tooLarge, "more than \(limit) bytes") }
}
