/// xCALLY Shuttle's event objects (CTI API 2.4.0 onwards), as an agent's page or the board reads them.
///
/// Numbers travel as strings; the flag named after the event is a boolean; what is unknown is left out. Of the vendor's
/// fields `context`, `trunk`, `sipname` and `channel` are never known here.
public struct XCallyEncoder: Sendable {
    public var call: Call
    public var event: CallEventKind
    public var agent: Agent
    /// Of the contact; xCALLY has a place for it in `abandon` only.
    public var callerName: String?
    /// Who ended the call, for `hangup`: else it was the caller.
    public var agentHungUp: Bool

    public init(
        call: Call, event: CallEventKind, agent: Agent, callerName: String? = nil, agentHungUp: Bool = false
    ) {
        self.call = call
        self.event = event
        self.agent = agent
        self.callerName = callerName
        self.agentHungUp = agentHungUp
    }

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

    private func writeMembers(to json: inout JSONWriter, time: Timestamp?) {
        // The vendor's sample of `abandon` is the only one without `event`; the board's channel always has it.
        if event != .abandon || time != nil { json.member("event", event.rawValue) }
        json.optionalMember("queue", call.queue)
        if event == .abandon { writeAbandon(to: &json) } else { writeCommon(to: &json) }
        switch event {
        case .calling: break
        case .ringing: json.member("ringing", true)
        case .up: writeUp(to: &json)
        case .hangup: writeHangup(to: &json)
        case .abandon: json.member("unmanaged", true)
        }
        if let time { json.member("time", time) }
    }

    private func writeCommon(to json: inout JSONWriter) {
        json.optionalMember("agentname", agent.name)
        json.member("agentnum", agent.extension.rawValue)
        json.optionalMember("peer", agent.peer)
        json.member("direction", call.direction.rawValue)
        json.member("uniqueid", call.ref.rawValue)
        json.optionalMember("extension", call.dialed)
        json.member("callernum", call.caller)
    }

    private func writeUp(to json: inout JSONWriter) {
        writeWaits(to: &json)
        json.member("up", true)
    }

    private func writeHangup(to json: inout JSONWriter) {
        writeWaits(to: &json)
        json.optionalMember("talktime", Self.seconds(from: call.upAt, to: call.endedAt))
        json.member("reason", agentHungUp ? "agent" : "caller")
        json.member("hangup", true)
    }

    private func writeAbandon(to json: inout JSONWriter) {
        json.member("direction", "unmanaged")
        json.member("uniqueid", call.ref.rawValue)
        json.member("callernum", call.caller)
        json.optionalMember("callername", callerName)
        json.optionalMember("holdtime", call.holdSeconds?.digits)
    }

    private func writeWaits(to json: inout JSONWriter) {
        json.optionalMember("holdtime", call.holdSeconds?.digits)
        json.member("ringtime", Self.seconds(from: call.ringingAt, to: call.upAt) ?? "0")
    }

    /// Whole seconds, never negative: clocks are set back now and then.
    private static func seconds(from start: Timestamp?, to end: Timestamp?) -> String? {
        guard let start, let end else { return nil }
        return String(Swift.max(0, (end.milliseconds - start.milliseconds) / 1000))
    }
}
