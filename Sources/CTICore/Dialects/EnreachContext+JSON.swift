extension EnreachContext {
    init(_ object: JSONObject) throws(DecodeFailure) {
        let reader = MemberReader(object: object)
        event = try Self.event(reader)
        callStarted = try Self.callStarted(reader, at: event)
        callInProgress = try reader.flag("callInProgress") ?? (event != .ended)
        customer = try Self.customer(reader.object("customer"))
        direction = try Self.direction(reader)
        userID = try reader.text("userId")
        crmUserID = try reader.text("crmUserId")
        phoneNumber = try reader.text("phoneNumber", required: "a number, or an empty string when withheld")
        isDirty = try reader.flag("isDirty") ?? false
        if try reader.object("callInitiatedFrom") != nil {
            callInitiatedFrom = reader.value("callInitiatedFrom")?.bytes
        }
        customerSearchResults = reader.value("customerSearchResults")?.bytes
        eventData = reader.value("eventData")?.bytes
        others = object.others(than: Self.documented)
    }

    static let documented: Set<String> = [
        "eventId", "callStarted", "callInProgress", "customer", "direction", "userId", "crmUserId", "phoneNumber",
        "isDirty", "callInitiatedFrom", "customerSearchResults", "eventData",
    ]

    private static func event(_ reader: MemberReader) throws(DecodeFailure) -> EnreachEvent {
        let known = EnreachEvent.allCases.map(\.rawValue).joined(separator: ", ")
        let name = try reader.text("eventId", required: "one of \(known)")
        guard let event = EnreachEvent(rawValue: name) else {
            // The agent's choice among several matches, and whatever else the vendor adds.
            throw DecodeFailure(.unknownType, "eventId: no event of a call's life, expected one of \(known)")
        }
        return event
    }

    /// Only of an end it says what the event does not.
    private static func callStarted(_ reader: MemberReader, at event: EnreachEvent) throws(DecodeFailure) -> Bool {
        if let started = try reader.flag("callStarted") { return started }
        guard event != .ended else {
            throw reader.missing("callStarted", "true where the call was answered, else false")
        }
        return event == .answered
    }

    private static func direction(_ reader: MemberReader) throws(DecodeFailure) -> CallDirection {
        switch try reader.text("direction", required: "0 for inbound, 1 for outbound") {
        case "0": return .inbound
        case "1": return .outbound
        default: throw reader.wrong("direction", "0 for inbound, 1 for outbound")
        }
    }

    private static func customer(_ reader: MemberReader?) throws(DecodeFailure) -> Contact? {
        guard let reader else { return nil }
        return Contact(
            id: try reader.text("id", required: "the record's id"), type: try reader.text("logicalName") ?? "contact",
            name: try reader.text("name") ?? "")
    }

    /// Every documented member is there, always, as the vendor has it.
    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("eventId", event.rawValue)
            $0.member("callStarted", callStarted)
            $0.member("callInProgress", callInProgress)
            $0.key("customer")
            if let customer { Self.write(customer, to: &$0) } else { $0.null() }
            $0.member("direction", direction == .inbound ? 0 : 1)
            $0.member("userId", userID)
            $0.member("crmUserId", crmUserID)
            $0.member("phoneNumber", phoneNumber)
            $0.member("isDirty", isDirty)
            $0.member("callInitiatedFrom", json: callInitiatedFrom ?? Array("null".utf8))
            $0.member("customerSearchResults", json: customerSearchResults ?? Array("null".utf8))
            $0.member("eventData", json: eventData ?? Array("null".utf8))
            $0.members(others)
        }
    }

    private static func write(_ customer: Contact, to json: inout JSONWriter) {
        json.object {
            $0.member("logicalName", customer.type)
            $0.member("id", customer.id)
            $0.member("name", customer.name)
        }
    }
}
