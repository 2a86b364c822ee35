import CTICore

/// A softphone's `phone:*` event, posted by the page that embeds it.
///
/// Whose telephone it is, the page's address says: an agent's token is for that extension alone, and a softphone that
/// was logged in as somebody else must not speak for that one.
struct PhoneEvent {
    var bytes: [UInt8]
    var agent: Extension

    func read() throws(DecodeFailure) -> CallAccount {
        let event = try JSONObject(bytes)
        guard let type = event["type"], !type.isNull else {
            throw DecodeFailure(.missingField, "type: missing, expected phone:calling, ringing, accepted or terminated")
        }
        guard type.string?.hasPrefix("phone:") == true else {
            throw DecodeFailure(.unknownType, "type: expected phone:calling, ringing, accepted or terminated")
        }
        return try Dialect.kunzite.decode(ofThisAgent(event), limit: .max)
    }

    private func ofThisAgent(_ event: JSONObject) throws(DecodeFailure) -> [UInt8] {
        guard let data = event["data"], data.isObject else { return bytes }
        var number = JSONWriter(capacity: 16)
        number.value(agent.rawValue)
        let members = try data.object("data")
        let written = members["context"]
        let context = written?.isObject == true ? try written?.object("data.context") : nil
        let ownContext = Self.setting("extension", number.bytes, in: context ?? JSONObject())
        return Self.setting("data", Self.setting("context", ownContext, in: members), in: event)
    }

    /// The object with this member instead of its own, at the place where it was.
    private static func setting(_ name: String, _ value: [UInt8], in object: JSONObject) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            for member in object.members {
                $0.member(member.name, json: member.name == name ? value : member.value.bytes)
            }
            if object[name] == nil { $0.member(name, json: value) }
        }
        return json.bytes
    }
}
