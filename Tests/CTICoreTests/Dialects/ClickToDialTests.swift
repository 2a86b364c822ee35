import CTICore
import Testing

@Suite struct ClickToDialTests {
    private func request(
        agent: String = "1007", number: String = "0821234567", outboundID: String = "27117654321",
        contactRef: String? = nil, region: String = "ZA", generation: PayloadGeneration = .v3
    ) throws(ClickToDialRefusal) -> ClickToDialRequest {
        try ClickToDialRequest(
            agent: Extension(agent), number: number, outboundID: outboundID, contactRef: contactRef, region: region,
            generation: generation)
    }

    private func refusal(_ make: () throws -> ClickToDialRequest) -> ClickToDialRefusal? {
        do {
            _ = try make()
            return nil
        } catch { return error as? ClickToDialRefusal }
    }

    @Test(arguments: [
        (PayloadGeneration.v3, "contact_ref"), (.unknown, "contact_ref"), (.preV3, "call_ref"),
    ])
    func `the body is the vendor's`(_ generation: PayloadGeneration, name: String) throws {
        #expect(
            String(decoding: try request(contactRef: "A-17", generation: generation).json, as: UTF8.self)
                == #"{"agent":"1007","callee":"0821234567","outbound_id":"27117654321","\#(name)":"A-17"}"#)
    }

    @Test(arguments: [nil, ""])
    func `no reference is left out`(_ contactRef: String?) throws {
        #expect(
            String(decoding: try request(contactRef: contactRef).json, as: UTF8.self)
                == #"{"agent":"1007","callee":"0821234567","outbound_id":"27117654321"}"#)
    }

    @Test(arguments: [
        ("0821234567", "0821234567"), ("082 123 4567", "0821234567"), ("(082) 123-4567", "0821234567"),
        ("082/123.45.67", "0821234567"), ("tel:0821234567", "0821234567"), ("０８２１２３４５６７", "0821234567"),
        ("27821234567", "27821234567"), ("+27 82 123 4567", "27821234567"), ("tel:+27-82-123-4567", "27821234567"),
        ("+27 (0)82 123 4567", "27821234567"), ("＋２７８２１２３４５６７", "27821234567"),
        ("82 123 4567", "27821234567"), ("0027821234567", "0027821234567"), ("00 49 30 1234 5678", "00493012345678"),
        ("+49 (0)30 1234 5678", "00493012345678"), ("+1 212 555 0123", "0012125550123"),
        ("+44 20 7946 0123", "00442079460123"),
    ])
    func `a number is dialled as people write it`(_ number: String, callee: String) throws {
        #expect(try request(number: number).callee == callee)
    }

    @Test(arguments: [
        ("030 1234 5678", "DE", "00493012345678"), ("+27 82 123 4567", "DE", "27821234567"),
        ("0027 82 123 4567", "DE", "27821234567"), ("(212) 555-0123", "US", "0012125550123"),
        ("011 27 82 123 4567", "US", "27821234567"), ("0821234567", "??", "0821234567"),
        ("0821234567", "za", "0821234567"),
    ])
    func `elsewhere a national number is that country's`(_ number: String, region: String, callee: String) throws {
        #expect(try request(number: number, region: region).callee == callee)
    }

    @Test(arguments: [
        "", " ", "+", "112", "10111", "1007", "821234", "08212345678", "278212345678", "00491234", "+4912345",
        "00123456789012345", "call me", "0821234567a", "082*1234567", "sip:jane@example.com",
        "********67", "99999999999999999999999999999999999999",
    ])
    func `what is no number is refused`(_ number: String) {
        #expect(refusal { try request(number: number) }?.code == .number)
    }

    @Test(arguments: ["100", "1007", "0821234567", "082 123 4567"])
    func `an agent has three or four digits, or is the callee`(_ agent: String) throws {
        let expected = agent.utf8.count > 4 ? "0821234567" : agent
        #expect(try request(agent: agent).agent == expected)
    }

    @Test(arguments: ["", "10", "10071", "10a7", "１００７", "0827654321", "SIP/john"])
    func `another agent is refused`(_ agent: String) {
        #expect(refusal { try request(agent: agent) }?.code == .agent)
    }

    @Test(arguments: [
        ("0117654321", "0117654321"), ("27117654321", "27117654321"), ("+27 11 765 4321", "27117654321"),
        ("tvc_spring", "tvc_spring"), ("random", "random"),
    ])
    func `the number to show is national, a campaign's, or random`(_ text: String, outboundID: String) throws {
        #expect(try request(outboundID: text).outboundID == outboundID)
    }

    @Test(arguments: ["", "tvc_", "tvc_a b", "Random", "00493012345678", "+493012345678", "1007", "tvc"])
    func `another number to show is refused`(_ text: String) {
        #expect(refusal { try request(outboundID: text) }?.code == .outboundID)
    }

    @Test func `a reference is cut where the vendor cuts it`() throws {
        let long = String(repeating: "aZ9.-_~:", count: 40)
        #expect(try request(contactRef: long).contactRef == String(long.prefix(230)))
        let exact = String(repeating: "x", count: 230)
        #expect(try request(contactRef: exact).contactRef == exact)
    }

    @Test(arguments: ["a b", "a/b", "ä", "a\n", "a,b", "{}", "a@b", "[", "`", "a\u{0}"])
    func `other characters in a reference are refused`(_ text: String) {
        #expect(refusal { try request(contactRef: text) }?.code == .contactRef)
    }

    @Test func `no refusal tells what was typed`() {
        let refusals = [
            refusal { try request(agent: "99187") }, refusal { try request(number: "99187") },
            refusal { try request(outboundID: "99187") }, refusal { try request(contactRef: "99187 ") },
        ]
        #expect(Set(refusals.compactMap { $0?.code }).count == ClickToDialRefusal.Code.allCases.count)
        #expect(refusals.allSatisfy { $0?.description.contains("99187") == false })
    }

    @Test func `whatever is typed is in one of the three forms, or refused`() {
        let samples = ["+27 (0)82 123-4567", "0049 30 12345678", "tel:+1-212-555-0123", "0821234567"]
        var (dialled, refused) = (0, 0)
        for seed in 0..<4000 as Range<UInt64> {
            let bytes = SampleMutation.mutated(Array(samples[Int(seed % 4)].utf8), seed: seed)
            guard let callee = try? request(number: String(decoding: bytes, as: UTF8.self)).callee else {
                refused += 1
                continue
            }
            let isForm = callee.wholeMatch(of: /0[0-9]{9}|27[0-9]{9}|00[0-9]{11,14}/) != nil
            #expect(isForm, "seed \(seed)")
            dialled += 1
        }
        #expect(dialled > 0 && refused > 0)
    }
}
