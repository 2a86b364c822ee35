extension CallFacts {
    /// An object with what is known alone: `{"reach":"leg","endedBy":"agent","talkSeconds":22,…}`.
    public func write(to json: inout JSONWriter) { json.object { writeMembers(to: &$0) } }

    /// The same into an object that is open already.
    func writeMembers(to json: inout JSONWriter) {
        if reach != .call { json.member("reach", reach.rawValue) }
        json.optionalMember("endedBy", endedBy?.rawValue)
        json.optionalMember("endReason", endReason?.rawValue)
        json.optionalMember("endCode", endCode)
        json.optionalMember("ringSeconds", ringSeconds)
        json.optionalMember("waitSeconds", waitSeconds)
        json.optionalMember("talkSeconds", talkSeconds)
        json.optionalMember("totalSeconds", totalSeconds)
        json.optionalMember("callerName", callerName)
        if let session {
            json.key("session")
            session.write(to: &json)
        }
        guard let vendor else { return }
        json.member(
            "vendor",
            object: {
                $0.member("dialect", vendor.dialect.rawValue)
                $0.member("members", object: { $0.members(vendor.members) })
            })
    }

    /// Reads back what ``write(to:)`` wrote; what it does not know is left out.
    public init(_ object: JSONObject) throws(DecodeFailure) {
        reach = object["reach"]?.string.flatMap(Reach.init(rawValue:)) ?? .call
        endedBy = object["endedBy"]?.string.flatMap(Party.init(rawValue:))
        endReason = object["endReason"]?.string.flatMap(EndReason.init(rawValue:))
        endCode = object["endCode"]?.count
        ringSeconds = object["ringSeconds"]?.count
        waitSeconds = object["waitSeconds"]?.count
        talkSeconds = object["talkSeconds"]?.count
        totalSeconds = object["totalSeconds"]?.count
        callerName = object["callerName"]?.string
        if let written = try object["session"]?.object("facts.session") {
            session = SessionRequest(
                templateName: written["templateName"]?.string ?? "",
                templateParameters: try written["templateParameters"]?.object("facts.session.templateParameters")
                    .others(than: []) ?? [])
        }
        if let written = try object["vendor"]?.object("facts.vendor"),
            let dialect = written["dialect"]?.string.flatMap(Dialect.init(rawValue:))
        {
            let members = try written["members"]?.object("facts.vendor.members").others(than: []) ?? []
            vendor = VendorMembers(dialect: dialect, members: members)
        }
    }
}

extension JSONFragment {
    /// A whole number that is not negative, at most `Int.max`.
    fileprivate var count: Int? { text.flatMap { HoldSeconds($0) }?.value }
}

extension JSONWriter {
    /// Members of an object that is open already, as they came.
    mutating func members(_ members: [VendorMember]) {
        for member in members { self.member(member.name, json: member.json) }
    }

    /// Left out where absent.
    mutating func optionalMember(_ name: String, _ number: Int?) {
        if let number { member(name, Int64(number)) }
    }
}
