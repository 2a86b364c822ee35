/// Teleforge Enigma's and Platforma's notifications: `{"type": …, "payload": {…}}`, both generations.
///
///     inbound list, `call`          up        the way in of nearly all, see ``NotificationDecoder``
///     agents' channel, `call`       up        a dialler call: an `agent`, and no word of its direction
///     cdr list, `cdr`               hangup    or abandon, for a call that was never up
///     agents' channel, `status`     –         of the agent, not of a call, see ``TeleforgeAgentStatus``
///
/// The vendor has no words for `calling` and `ringing`. Source: Teleforge's "Redis Notification".
enum TeleforgeCodec: DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        switch try type(of: object) {
        case "call": return try call(object)
        case "cdr": return try TeleforgeRecord(TeleforgePayload(of: object)).account
        case "status":
            throw DecodeFailure(
                .unknownType, "type: \"status\" tells of an agent and of no call, expected \"call\" or \"cdr\"")
        default: throw DecodeFailure(.unknownType, "type: expected \"call\" or \"cdr\"")
        }
    }

    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool {
        guard account.event == .up || account.event.isEnd else { return false }
        TeleforgeEncoder(account).write(to: &json)
        return true
    }

    static func type(of object: JSONObject) throws(DecodeFailure) -> String {
        guard let type = object["type"], !type.isNull else { throw missing("type", "\"call\" or \"cdr\"") }
        guard let word = type.string else { throw wrong("type", "a string") }
        return word
    }

    /// Its rules are written once, for the hot path, which reads text.
    private static func call(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        var text = JSONWriter(capacity: 640)
        text.object { for member in object.members { $0.member(member.name, json: member.value.bytes) } }
        var event = try NotificationDecoder(strict: true, limit: text.bytes.count).decode(text.bytes)
        let payload = try TeleforgePayload(of: object)
        // On the inbound list silence means inbound, because of the key; the dialler's calls go out.
        if event.generation == .unknown, payload[.agent] != nil { event.direction = .outbound }
        var facts = CallFacts()
        facts.vendor = payload.vendorMembers(otherThan: TeleforgeField.ofCall)
        return CallAccount(event, facts: facts)
    }
}
