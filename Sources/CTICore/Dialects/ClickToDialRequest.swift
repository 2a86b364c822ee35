/// What Teleforge is asked to dial: the body of `POST …/click2dial/calls`, valid by the vendor's rules.
///
/// The agent's telephone rings first, then the callee's. Source: Teleforge's "Click2dial API".
public struct ClickToDialRequest: Hashable, Sendable {
    public let agent: String
    /// 10 digits from 0, 11 from 27, or 13 to 16 from 00.
    public let callee: String
    /// The number that is shown to the callee, or how one is chosen.
    public let outboundID: String
    /// Comes back as the call's reference. At most 230 characters; the vendor cuts there, too.
    public let contactRef: String?
    private let generation: PayloadGeneration

    /// - Parameters:
    ///   - number: as people type it, or a page links it: `(082) 123-4567`, `tel:+27821234567`.
    ///   - outboundID: a number in a national form, `tvc_<campaign>`, or `random`.
    ///   - region: how a national number is read; two letters of ISO 3166.
    public init(
        agent: Extension, number: String, outboundID: String, contactRef: String?, region: String,
        generation: PayloadGeneration
    ) throws(ClickToDialRefusal) {
        callee = try Self.callee(number, region: region)
        self.agent = try Self.agent(agent, callee: callee, region: region)
        self.outboundID = try Self.outboundID(outboundID)
        self.contactRef = try Self.contactRef(contactRef)
        self.generation = generation
    }

    /// Before v3 the reference was `call_ref`; without one the member is left out.
    public var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("agent", agent)
            $0.member("callee", callee)
            $0.member("outbound_id", outboundID)
            $0.optionalMember(generation == .preV3 ? "call_ref" : "contact_ref", contactRef)
        }
        return json.bytes
    }
}

extension ClickToDialRequest {
    private static func callee(_ number: String, region: String) throws(ClickToDialRefusal) -> String {
        guard let number = ClickToDialNumber(number, region: region) else {
            throw ClickToDialRefusal(
                .number,
                "This number cannot be dialled: expected 10 digits from 0, 11 from 27, or an international number of "
                    + "11 to 14 digits after its + or 00.")
        }
        return number.digits
    }

    private static func agent(
        _ agent: Extension, callee: String, region: String
    ) throws(ClickToDialRefusal) -> String {
        let number = agent.rawValue
        if (3...4).contains(number.utf8.count), number.utf8.allSatisfy(isDigit) { return number }
        guard ClickToDialNumber(number, region: region)?.digits == callee else {
            throw ClickToDialRefusal(
                .agent, "This extension cannot dial: expected 3 or 4 digits, or the number that is called.")
        }
        return callee
    }

    /// Numbers to show are South African, wherever the tenant is.
    private static func outboundID(_ text: String) throws(ClickToDialRefusal) -> String {
        if text == "random" { return text }
        let campaign = text.utf8.dropFirst(4)
        if text.hasPrefix("tvc_"), !campaign.isEmpty, campaign.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return text }
        guard let number = ClickToDialNumber(text, region: "ZA"), !number.isInternational else {
            throw ClickToDialRefusal(
                .outboundID,
                "The number to show (outbound_id) is set up wrong: expected 10 digits from 0, 11 from 27, "
                    + "tvc_ and a campaign, or random.")
        }
        return number.digits
    }

    /// Empty is none.
    private static func contactRef(_ text: String?) throws(ClickToDialRefusal) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.allSatisfy({ isDigit($0) || isLetter($0) || ".-_~:".utf8.contains($0) }) else {
            throw ClickToDialRefusal(
                .contactRef, "This reference cannot be sent: expected letters of A to Z, digits and . - _ ~ : alone.")
        }
        return String(text.prefix(230))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
