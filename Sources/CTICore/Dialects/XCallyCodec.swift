/// xCALLY Shuttle's events: `ringing`, `up`, `hangup`, and `abandon`, which is told by `unmanaged` alone.
///
/// What is pushed to the board, `RealtimeCTI`'s object, is read too: its `channel` is the event. A member that the vendor's
/// samples do not have for an event is read where it has a meaning, and passes through besides.
enum XCallyCodec: DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        // Of an event, `channel` is the name of a channel, a text.
        if let channel = object["channel"], channel.isObject {
            return try account(MemberReader(object: channel.object("channel"), path: "channel."))
        }
        return try account(MemberReader(object: object))
    }

    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool {
        guard XCallyEncoder.speaks(of: account.event) else { return false }
        XCallyEncoder(account).write(to: &json)
        return true
    }

    private static func account(_ reader: MemberReader) throws(DecodeFailure) -> CallAccount {
        let event = try event(reader)
        var account = CallAccount(
            event: event, agent: try agent(reader, of: event), call: try call(reader, at: event),
            facts: try facts(reader))
        let modelled = XCallyField.documented(for: event).filter(\.isModelled).map(\.rawValue)
        var passed = Set(modelled)
        // Only these two values have a place in the model.
        if account.facts.endedBy == nil { passed.remove(XCallyField.reason.rawValue) }
        account.facts.keep(reader.object.others(than: passed), for: .xcally)
        return account
    }

    private static func event(_ reader: MemberReader) throws(DecodeFailure) -> CallEventKind {
        guard let word = try reader.text(.event) else { return try flagged(reader) }
        if word == XCallyField.unmanaged.rawValue { return .abandon }
        guard let event = CallEventKind(rawValue: word), event != .calling else {
            throw DecodeFailure(.unknownType, "\(reader.path)event: expected ringing, up, hangup or abandon")
        }
        return event
    }

    /// The furthest that the call has come, should there be several.
    private static func flagged(_ reader: MemberReader) throws(DecodeFailure) -> CallEventKind {
        for event in [CallEventKind.hangup, .abandon, .up, .ringing] {
            if let flag = XCallyField.flag(of: event), try reader.flag(flag.rawValue) == true { return event }
        }
        throw reader.missing("event", "ringing, up, hangup or abandon, or the event's own flag")
    }

    /// Nobody is concerned by a caller who gave up in the queue.
    private static func agent(_ reader: MemberReader, of event: CallEventKind) throws(DecodeFailure) -> Agent {
        guard event != .abandon else { return Agent(extension: Extension("")) }
        guard let number = try reader.text(.agentnum), !number.isEmpty else {
            throw reader.missing("agentnum", "the agent's extension, not empty")
        }
        return Agent(extension: Extension(number), name: try reader.text(.agentname), peer: try reader.text(.peer))
    }

    private static func call(_ reader: MemberReader, at event: CallEventKind) throws(DecodeFailure) -> Call {
        let time = try reader.moment(XCallyField.time.rawValue)
        return Call(
            ref: try reader.callRef(XCallyField.uniqueid.rawValue), direction: try direction(reader),
            caller: try reader.text("callernum", required: "a number, or an empty string when withheld"),
            dialed: try reader.text(.extension), queue: try reader.text(.queue),
            holdSeconds: try reader.seconds(XCallyField.holdtime.rawValue),
            generation: .unknown, ringingAt: event == .ringing ? time : nil, upAt: event == .up ? time : nil,
            endedAt: event.isEnd ? time : nil)
    }

    /// A call of a queue comes in, also one that nobody took.
    private static func direction(_ reader: MemberReader) throws(DecodeFailure) -> CallDirection {
        switch try reader.text(.direction) {
        case nil, "inbound", "unmanaged": return .inbound
        case "outbound": return .outbound
        default: throw reader.wrong("direction", "\"inbound\", \"outbound\" or \"unmanaged\"")
        }
    }

    private static func facts(_ reader: MemberReader) throws(DecodeFailure) -> CallFacts {
        var facts = CallFacts()
        facts.callerName = try reader.text(.callername)
        facts.ringSeconds = try reader.seconds(XCallyField.ringtime.rawValue)?.value
        facts.talkSeconds = try reader.seconds(XCallyField.talktime.rawValue)?.value
        facts.endedBy = try reader.text(.reason).flatMap(CallFacts.Party.init(rawValue:))
        return facts
    }
}

extension MemberReader {
    fileprivate func text(_ field: XCallyField) throws(DecodeFailure) -> String? { try text(field.rawValue) }
}
