extension CallFacts {
    /// An object with what is known alone: `{"reach":"leg","endedBy":"agent","talkSeconds":22,…}`.
    public func write(to json: inout JSONWriter) {
        json.object {
            if reach != .call { $0.member("reach", reach.rawValue) }
            $0.optionalMember("endedBy", endedBy?.rawValue)
            $0.optionalMember("endReason", endReason?.rawValue)
            $0.optionalMember("endCode", endCode)
            $0.optionalMember("ringSeconds", ringSeconds)
            $0.optionalMember("waitSeconds", waitSeconds)
            $0.optionalMember("talkSeconds", talkSeconds)
            $0.optionalMember("totalSeconds", totalSeconds)
            $0.optionalMember("callerName", callerName)
            if let session {
                $0.key("session")
                session.write(to: &$0)
            }
            if let vendor {
                $0.member(
                    "vendor",
                    object: {
                        $0.member("dialect", vendor.dialect.rawValue)
                        $0.member("members", object: { $0.members(vendor.members) })
                    })
            }
        }
    }

    /// Reads back what ``write(to:)`` wrote; what it does not know is left out.
    public init(_ object: JSONObject) throws(DecodeFailure) {
        reach = object["reach"]?.string.flatMap(Reach.init(rawValue:)) ?? .call
        endedBy = object["endedBy"]?.string.flatMap(Party.init(rawValue:))
        endReason = object["endReason"]?.string.flatMap(EndReason.init(rawValue:))
        endCode = object["endCode"]?.integer
        ringSeconds = object["ringSeconds"]?.integer
        waitSeconds = object["waitSeconds"]?.integer
        talkSeconds = object["talkSeconds"]?.integer
        totalSeconds = object["totalSeconds"]?.integer
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
