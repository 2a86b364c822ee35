/// A stand-in, until the real one comes.
public struct ClickToDialRequest: Hashable, Sendable {
    public let json: [UInt8]

    public init(
        agent: Extension, number: String, outboundID: String, contactRef: String?, region: String,
        generation: PayloadGeneration
    ) throws(ClickToDialRefusal) {
        guard number.allSatisfy({ $0.isASCII && $0.isNumber }), !number.isEmpty else {
            throw ClickToDialRefusal("the number is not one that the PBX dials")
        }
        var writer = JSONWriter()
        writer.object {
            $0.member("agent", agent.rawValue)
            $0.member("callee", number)
            $0.member("outbound_id", outboundID)
            $0.optionalMember(generation == .preV3 ? "call_ref" : "contact_ref", contactRef)
        }
        json = writer.bytes
    }
}

public struct ClickToDialRefusal: Error, Hashable, Sendable {
    public let message: String
    init(_ message: String) { self.message = message }
}
