/// A vendor's own shape of an event. Each is a codec over ``CallAccount``, in and out.
public enum Dialect: String, Sendable, CaseIterable {
    case ctid, teleforge, xcally, kunzite, enreach

    /// Reads one event of a call.
    ///
    /// - Parameter limit: in bytes; more is `too-large`.
    public func decode(_ text: [UInt8], limit: Int = 65_536) throws(DecodeFailure) -> CallAccount {
        guard text.count <= limit else { throw DecodeFailure(.tooLarge, "more than \(limit) bytes") }
        guard self == .teleforge else { return try codec.decode(JSONObject(text)) }
        // It speaks by SIP, too.
        if SIPInvite.isMessage(text) { return try SIPInvite(message: text).account() }
        // Its own documentation prints keys without quotes.
        let object = try JSONObject(text, relaxed: true)
        return try SIPInvite.isHeaders(object) ? SIPInvite(headers: object).account() : codec.decode(object)
    }

    /// The vendor's object; `nil` where the vendor has no event of this kind.
    public func encode(_ account: CallAccount) -> [UInt8]? {
        var json = JSONWriter(capacity: 640)
        return codec.encode(account, to: &json) ? json.bytes : nil
    }

    private var codec: any DialectCodec.Type {
        switch self {
        case .ctid: CTIDCodec.self
        case .teleforge: TeleforgeCodec.self
        case .xcally: XCallyCodec.self
        case .kunzite: KunziteCodec.self
        case .enreach: EnreachCodec.self
        }
    }
}

/// One vendor's words.
protocol DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount
    /// Writes one object; false, and nothing written, where the vendor has no event of this kind.
    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool
}

extension DialectCodec {
    static func missing(_ path: String, _ expected: String) -> DecodeFailure {
        DecodeFailure(.missingField, "\(path): missing, expected \(expected)")
    }

    static func wrong(_ path: String, _ expected: String) -> DecodeFailure {
        DecodeFailure(.wrongType, "\(path): expected \(expected)")
    }
}
