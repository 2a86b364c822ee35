/// xCALLY Shuttle's event objects (CTI API 2.4.0 onwards), as an agent's page or the board reads them.
///
/// Numbers travel as strings; the flag named after the event is a boolean; what is unknown is left out, except for
/// `ringtime`, which is "0" then. `context`, `trunk`, `sipname` and `channel` are known only where xCALLY told them.
public struct XCallyEncoder: Sendable {
    public var account: CallAccount

    public init(_ account: CallAccount) { self.account = account }

    /// Whether xCALLY has an event of this kind: it has none for a call that is being dialled.
    public static func speaks(of event: CallEventKind) -> Bool { event != .calling }

    /// The event's object. Of `calling`, which the vendor does not know, the common fields alone.
    public func write(to json: inout JSONWriter) {
        json.object { writeMembers(to: &$0, time: nil) }
    }

    /// `RealtimeCTI`'s object, which the board shows: the event's, with its `event` and `time`, as `channel`.
    public func writeRealtime(
        app: String, reference: String, url: String, at time: Timestamp, to json: inout JSONWriter
    ) {
        json.object {
            $0.member("type", app)
            $0.member("channel", object: { channel in writeMembers(to: &channel, time: time) })
            $0.member("reference", reference)
            $0.member("url", url)
        }
    }

    /// `time`: of the board's channel, which always has `event`, too.
    private func writeMembers(to json: inout JSONWriter, time: Timestamp?) {
        let told = account.facts.told(in: .xcally)
        var fields = XCallyField.documented(for: account.event)
        if time != nil, fields.first != .event { fields.insert(.event, at: 0) }
        for field in fields { write(field, told: told, to: &json) }
        let written = Set(fields.map(\.rawValue)).union(time == nil ? [] : [XCallyField.time.rawValue])
        json.members(told.others(than: written))
        if let time { json.member(XCallyField.time.rawValue, time) }
    }

    private func write(_ field: XCallyField, told: JSONObject, to json: inout JSONWriter) {
        if field == XCallyField.flag(of: account.event) {
            json.member(field.rawValue, true)
        } else if field != .event, let value = told[field.rawValue] {
            json.member(field.rawValue, json: value.bytes)
        } else {
            json.optionalMember(field.rawValue, text(of: field))
        }
    }

    private func text(of field: XCallyField) -> String? {
        switch field {
        case .event: account.event.rawValue
        case .queue: account.call.queue
        case .agentname: account.agent.name
        case .agentnum: account.agent.extension.rawValue
        case .peer: account.agent.peer
        case .direction: account.event == .abandon ? "unmanaged" : account.call.direction.rawValue
        case .uniqueid: account.call.ref.rawValue
        case .extension: account.call.dialed
        case .callernum: account.call.caller
        case .callername: account.facts.callerName ?? account.contact?.name
        case .holdtime: account.call.holdSeconds?.digits
        case .ringtime: String(account.ringSeconds ?? 0)
        case .talktime: account.talkSeconds.map { String($0) }
        case .reason: endedBy.rawValue
        case .context, .trunk, .sipname, .channel, .ringing, .up, .hangup, .unmanaged, .time: nil
        }
    }

    /// Not the agent is as good as the caller: the vendor has no third.
    private var endedBy: CallFacts.Party {
        account.facts.endedBy ?? (account.facts.endReason == .agentHungUp ? .agent : .caller)
    }
}
