/// What the PBX pushes when a call is bridged to an agent.
struct Notification: Sendable {
    static let list = "enigma:notifications:inbound"

    enum Notation: Sendable, CaseIterable {
        /// v3.0.0 and later, and what came before, as JSON.
        case v3, preV3
        /// The same as the PBX's documentation prints them: keys without quotes, a comma missing.
        case relaxedV3, relaxedPreV3
    }

    var notation = Notation.v3
    var number = "0821234567"
    var dialNumber = "0117654321"
    var ref: String
    var contactRef = "A-17"
    var agent = "1007"

    var json: String {
        let direction = notation == .v3 || notation == .relaxedV3 ? "call_dir" : "campaign_ref"
        switch notation {
        case .v3, .preV3:
            return """
                {"type":"call","payload":{"number":"\(number)","dial_number":"\(dialNumber)","hold_time":"12",\
                "call_ref":"\(ref)","contact_ref":"\(contactRef)","\(direction)":"inbound","ref":"\(agent)"}}
                """
        case .relaxedV3, .relaxedPreV3:
            return """
                {
                type : "call"
                payload: {
                number : "\(number)",
                dial_number : "\(dialNumber)",
                hold_time : 12,
                call_ref : "\(ref)",
                contact_ref : "\(contactRef)",
                \(direction) : "inbound",
                ref : "\(agent)"
                }
                }
                """
        }
    }
}
