/// The events of Kunzite's softphone: `{"type":"phone:ringing","data":{…}}`, and its like for `calling`, `accepted` and
/// `terminated`. Source: the softphone's documentation.
///
/// `from` and `to` are the parties as the call goes, so which of them is the outside one depends on the direction. `date` is
/// when the call began, also in later events; seconds count from there: `wait` to the answer, or to the end of a missed
/// call, `duration` from the answer to the end, `total` to the end.
enum KunziteCodec: DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        let envelope = MemberReader(object: object)
        let type = try envelope.text(
            "type", required: "phone:calling, phone:ringing, phone:accepted or phone:terminated")
        guard let type = KunziteEvent(rawValue: type) else {
            throw DecodeFailure(
                .unknownType, "type: expected phone:calling, phone:ringing, phone:accepted or phone:terminated")
        }
        guard let data = try envelope.object("data") else { throw envelope.missing("data", "an object") }
        let event = try event(type, data)
        let facts = try facts(data, envelope)
        return CallAccount(
            event: event, agent: try agent(data, of: event), call: try call(data, at: event, facts), facts: facts)
    }

    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool {
        KunziteEncoder(account).write(to: &json)
        return true
    }

    private static func event(_ type: KunziteEvent, _ data: MemberReader) throws(DecodeFailure) -> CallEventKind {
        switch type {
        case .calling: return .calling
        case .ringing: return .ringing
        case .accepted: return .up
        case .terminated: break
        }
        let status = try data.text("status", required: "answered or missed")
        switch KunziteStatus(rawValue: status) {
        case .answered: return .hangup
        case .missed: return .abandon
        case .ringing, nil: throw data.wrong("status", "answered or missed at the end of a call")
        }
    }

    /// Every softphone has an extension. Only of a caller who gave up in a queue, which other vendors tell, there is none.
    private static func agent(_ data: MemberReader, of event: CallEventKind) throws(DecodeFailure) -> Agent {
        guard let context = try data.object("context") else {
            guard event == .abandon else { throw data.missing("context", "an object with the extension") }
            return Agent(extension: Extension(""))
        }
        let number = try context.text("extension", required: "the agent's extension, not empty")
        guard !number.isEmpty else { throw context.missing("extension", "the agent's extension, not empty") }
        return Agent(extension: Extension(number))
    }

    private static func call(
        _ data: MemberReader, at event: CallEventKind, _ facts: CallFacts
    ) throws(DecodeFailure) -> Call {
        let word = try data.text("direction", required: "inbound or outbound")
        guard let direction = CallDirection(rawValue: word) else {
            throw data.wrong("direction", "inbound or outbound")
        }
        let (outside, ours) = direction == .inbound ? ("from", "to") : ("to", "from")
        let start = try data.moment("date")
        let wasAnswered = event == .up || event == .hangup
        return Call(
            ref: try data.callRef("id"), direction: direction,
            caller: try data.text(outside, required: "a number, or an empty string when withheld"),
            dialed: try data.text(ours), generation: .unknown, ringingAt: start,
            upAt: wasAnswered ? facts.waitSeconds.flatMap { start?.moved(bySeconds: $0) } : nil,
            endedAt: event.isEnd ? facts.totalSeconds.flatMap { start?.moved(bySeconds: $0) } : nil)
    }

    /// A softphone knows its own part in a call alone.
    private static func facts(_ data: MemberReader, _ envelope: MemberReader) throws(DecodeFailure) -> CallFacts {
        var facts = CallFacts()
        facts.reach = .leg
        facts.waitSeconds = try data.seconds("wait")?.value
        facts.talkSeconds = try data.seconds("duration")?.value
        facts.totalSeconds = try data.seconds("total")?.value
        let beside = envelope.object.others(than: ["type", "data"]).map {
            VendorMember(name: KunziteEncoder.besideData + $0.name, json: $0.json)
        }
        facts.keep(data.object.others(than: modelled) + beside, for: .kunzite)
        return facts
    }

    private static let modelled: Set<String> = [
        "id", "date", "from", "to", "direction", "status", "duration", "wait", "total",
    ]
}

/// What the softphone's events are called.
enum KunziteEvent: String {
    case calling = "phone:calling"
    case ringing = "phone:ringing"
    case accepted = "phone:accepted"
    case terminated = "phone:terminated"

    init(_ event: CallEventKind) {
        switch event {
        case .calling: self = .calling
        case .ringing: self = .ringing
        case .up: self = .accepted
        case .hangup, .abandon: self = .terminated
        }
    }
}

/// How a call stands, or how it ended.
enum KunziteStatus: String {
    case ringing, answered
    /// Ended without an answer.
    case missed

    init(_ event: CallEventKind) {
        switch event {
        case .calling, .ringing: self = .ringing
        case .up, .hangup: self = .answered
        case .abandon: self = .missed
        }
    }
}
