enum TeleforgeCodec: DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        throw DecodeFailure(.unknownType, "not written yet")
    }

    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool { false }
}
