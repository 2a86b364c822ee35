extension EnreachContext {
    /// `nil` where the vendor has no event for it.
    init?(_ account: CallAccount) {
        guard let event = EnreachEvent(account) else { return nil }
        let told = account.facts.told(in: .enreach)
        // The vendor always tells something, if only the call's id.
        let isTheirs = !told.members.isEmpty
        self.init(
            event: event, callStarted: account.event == .up || account.event == .hangup,
            callInProgress: !account.event.isEnd, customer: account.contact, direction: account.call.direction,
            userID: isTheirs ? told["userId"]?.text : account.agent.known,
            crmUserID: isTheirs ? told["crmUserId"]?.text : account.agent.crmUser, phoneNumber: account.call.caller,
            isDirty: told["isDirty"]?.bool ?? false, callInitiatedFrom: told["callInitiatedFrom"]?.bytes,
            customerSearchResults: told["customerSearchResults"]?.bytes ?? Self.rows(account.matches),
            eventData: EnreachEventData.json(account), others: told.others(than: Self.documented))
    }

    /// What has no place in the model, or none in our own shape of it; what says nothing is left out.
    var vendorMembers: [VendorMember] {
        let texts = [("userId", userID), ("crmUserId", crmUserID)]
        let values = [
            ("isDirty", isDirty ? Array("true".utf8) : nil), ("callInitiatedFrom", callInitiatedFrom),
            ("customerSearchResults", customerSearchResults), ("eventData", eventData),
        ]
        return texts.compactMap { name, text in text.map { VendorMember(name: name, text: $0) } }
            + values.compactMap { name, json in json.map { VendorMember(name: name, json: $0) } } + others
    }

    /// Several matches, a row each: `[{"id":…,"name":…,"type":…}]`. The vendor documents methods, no form to write; this is
    /// ours.
    private static func rows(_ matches: [Contact]) -> [UInt8]? {
        guard !matches.isEmpty else { return nil }
        var json = JSONWriter(capacity: 256)
        json.array {
            for match in matches {
                $0.object {
                    $0.member("id", match.id)
                    $0.member("name", match.name)
                    $0.member("type", match.type)
                }
            }
        }
        return json.bytes
    }
}

extension Agent {
    /// The extension, where there is one.
    fileprivate var known: String? { self.extension.rawValue.isEmpty ? nil : self.extension.rawValue }
}
