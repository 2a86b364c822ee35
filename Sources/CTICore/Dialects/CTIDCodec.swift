/// Our own shape: the data of a `call` frame. Of an event that no daemon has seen, `id` and `tenant` are null; what a
/// vendor told beyond the frame follows as `facts`, and so does the campaign, for which a frame has no member.
enum CTIDCodec: DialectCodec {
    static func decode(_ object: JSONObject) throws(DecodeFailure) -> CallAccount {
        guard let word = object["event"], !word.isNull else {
            throw missing("event", "calling, ringing, up, hangup or abandon")
        }
        guard let event = word.string.flatMap(CallEventKind.init(rawValue:)) else {
            throw DecodeFailure(.unknownType, "event: expected calling, ringing, up, hangup or abandon")
        }
        guard let written = object["call"], !written.isNull else { throw missing("call", "an object") }
        var account = CallAccount(
            event: event, agent: try agent(object["agent"], of: event), call: try call(written.object("call")))
        if let contact = object["contact"], !contact.isNull { account.contact = try self.contact(contact, "contact") }
        account.matches = try matches(object["matches"])
        if let facts = object["facts"], !facts.isNull {
            let facts = try facts.object("facts")
            account.facts = try CallFacts(facts)
            account.call.campaign = try text(facts, "campaign", "facts.campaign").flatMap { $0.isEmpty ? nil : $0 }
        }
        return account
    }

    /// Only a caller who gave up was with nobody.
    private static func agent(_ value: JSONFragment?, of event: CallEventKind) throws(DecodeFailure) -> Agent {
        guard let value, !value.isNull else {
            guard event == .abandon else { throw missing("agent", "an object with the extension") }
            return Agent(extension: Extension(""))
        }
        let object = try value.object("agent")
        guard let number = try text(object, "extension", "agent.extension"), !number.isEmpty || event == .abandon else {
            throw missing("agent.extension", "the agent's extension, not empty")
        }
        return Agent(
            extension: Extension(number), name: try text(object, "name", "agent.name"),
            peer: try text(object, "peer", "agent.peer"))
    }

    private static func call(_ object: JSONObject) throws(DecodeFailure) -> Call {
        guard let ref = try text(object, "ref", "call.ref"), !ref.isEmpty else {
            throw missing("call.ref", "the call's reference, not empty")
        }
        guard let caller = try text(object, "caller", "call.caller") else {
            throw missing("call.caller", "a number, or an empty string when withheld")
        }
        let direction = try text(object, "direction", "call.direction") ?? CallDirection.inbound.rawValue
        guard let direction = CallDirection(rawValue: direction) else {
            throw wrong("call.direction", "\"inbound\" or \"outbound\"")
        }
        let contactRef = try text(object, "contactRef", "call.contactRef")
        return Call(
            ref: CallRef(ref), direction: direction, caller: caller,
            callerE164: try text(object, "callerE164", "call.callerE164"),
            dialed: try text(object, "dialed", "call.dialed"), queue: try text(object, "queue", "call.queue"),
            contactRef: contactRef == "" ? nil : contactRef, holdSeconds: try holdSeconds(object["holdSeconds"]),
            generation: object["generation"]?.string.flatMap(PayloadGeneration.init(rawValue:)) ?? .unknown,
            campaign: nil, ringingAt: try moment(object, "ringingAt"), upAt: try moment(object, "upAt"),
            endedAt: try moment(object, "endedAt"))
    }

    private static func holdSeconds(_ value: JSONFragment?) throws(DecodeFailure) -> HoldSeconds? {
        guard let value, !value.isNull else { return nil }
        guard let seconds = value.text.flatMap({ HoldSeconds($0) }) else {
            throw wrong("call.holdSeconds", "whole seconds, not negative")
        }
        return seconds
    }

    private static func moment(_ object: JSONObject, _ name: String) throws(DecodeFailure) -> Timestamp? {
        guard let text = try text(object, name, "call.\(name)") else { return nil }
        guard let moment = Timestamp(iso8601: text) else {
            throw wrong("call.\(name)", "a time as 2026-11-21T10:00:00.000Z")
        }
        return moment
    }

    private static func contact(_ value: JSONFragment, _ path: String) throws(DecodeFailure) -> Contact {
        let object = try value.object(path)
        guard let id = try text(object, "id", "\(path).id") else { throw missing("\(path).id", "text") }
        return Contact(
            id: id, type: try text(object, "type", "\(path).type") ?? "contact",
            name: try text(object, "name", "\(path).name") ?? "")
    }

    private static func matches(_ value: JSONFragment?) throws(DecodeFailure) -> [Contact] {
        guard let value, !value.isNull else { return [] }
        guard let elements = value.elements else { throw wrong("matches", "an array") }
        var matches: [Contact] = []
        for element in elements { matches.append(try contact(element, "matches[\(matches.count)]")) }
        return matches
    }

    /// `nil` for missing and `null`; numbers may come as such.
    private static func text(_ object: JSONObject, _ name: String, _ path: String) throws(DecodeFailure) -> String? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let text = value.text else { throw wrong(path, "a string") }
        return text
    }

    static func encode(_ account: CallAccount, to json: inout JSONWriter) -> Bool {
        json.object {
            $0.member("id", nil as String?)
            $0.member("tenant", nil as String?)
            $0.member("event", account.event.rawValue)
            $0.member("stale", false)
            $0.key("agent")
            account.agent.write(to: &$0)
            $0.key("call")
            account.call.write(to: &$0)
            $0.key("contact")
            if let contact = account.contact { contact.write(to: &$0) } else { $0.null() }
            $0.member("matches", array: { array in for match in account.matches { match.write(to: &array) } })
            $0.member("actions", array: { _ in })
            guard !account.facts.isEmpty || account.call.campaign != nil else { return }
            $0.member("facts", object: { writeFacts(of: account, to: &$0) })
        }
        return true
    }

    private static func writeFacts(of account: CallAccount, to json: inout JSONWriter) {
        if let campaign = account.call.campaign { json.member("campaign", campaign) }
        account.facts.writeMembers(to: &json)
    }
}
