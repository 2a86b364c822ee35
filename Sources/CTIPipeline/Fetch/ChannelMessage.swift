public import CTICore

/// What was published on an agent's channel.
public struct ChannelMessage: Sendable, Hashable {
    public let channel: String
    public let payload: [UInt8]

    public init(channel: String, payload: [UInt8]) {
        self.channel = channel
        self.payload = payload
    }

    /// Whose channel it is: what stands after the last colon, as in `enigma:notifications:agents:1007`.
    public var agent: Extension {
        Extension(channel.lastIndex(of: ":").map { String(channel[channel.index(after: $0)...]) } ?? channel)
    }

    /// The payload, with the agent named in it where only the channel does. Kept so, it can be handled once more without
    /// its channel. Whatever is no notification is left as it is.
    public var notification: [UInt8] {
        guard let envelope = try? JSONObject(payload, relaxed: true),
            let content = envelope["payload"], let fields = try? content.object("payload"), Self.namesNobody(fields)
        else { return payload }
        var json = JSONWriter(capacity: payload.count + 32)
        json.object {
            for member in envelope.members {
                if member.name == "payload" {
                    $0.member("payload", object: { write(fields, to: &$0) })
                } else {
                    $0.member(member.name, json: member.value.bytes)
                }
            }
        }
        return json.bytes
    }

    private static func namesNobody(_ fields: JSONObject) -> Bool {
        guard let ref = fields["ref"] else { return true }
        return ref.isNull || ref.string == ""
    }

    private func write(_ fields: JSONObject, to json: inout JSONWriter) {
        for member in fields.others(than: ["ref"]) { json.member(member.name, json: member.json) }
        json.member("ref", agent.rawValue)
    }
}
