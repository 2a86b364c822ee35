import CTICore

/// Accounts as no vendor would send them: every member there or not, hostile texts, seconds without end.
///
/// Only what contradicts itself is left out: somebody who dials calls out, and only a caller who gave up was with nobody.
struct RandomAccount {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next() -> CallAccount {
        let event = CallEventKind.allCases.randomElement(using: &random) ?? .up
        var account = CallAccount(event: event, agent: agent(of: event), call: call(at: event))
        account.contact = maybe { $0.contact() }
        account.matches = (0..<pick([0, 0, 1, 3])).map { _ in contact() }
        account.facts = facts()
        return account
    }

    /// A member that no vendor documents, in the dialect that it came in.
    static func undocumented(in dialect: Dialect) -> VendorMembers {
        VendorMembers(
            dialect: dialect,
            members: [VendorMember(name: "x-undocumented", json: Array(#"{"a":[1.50,null,"\u00e9"]}"#.utf8))])
    }
}

extension RandomAccount {
    private mutating func agent(of event: CallEventKind) -> Agent {
        guard event != .abandon || Bool.random(using: &random) else { return Agent(extension: Extension("")) }
        return Agent(
            extension: Extension(random.text()), name: maybe { $0.random.text() }, peer: maybe { $0.random.text() })
    }

    private mutating func call(at event: CallEventKind) -> Call {
        let sent = CallEvent(
            kind: event, generation: pick([.v3, .preV3, .unknown]),
            direction: event == .calling ? .outbound : pick([.inbound, .outbound]),
            caller: maybe { $0.random.text() } ?? "", dialed: maybe { $0.random.text() },
            holdSeconds: maybe { HoldSeconds(verifiedDigits: $0.pick(["0", "12", "123456789012345678901234567890"])) },
            callRef: CallRef(random.text()), contactRef: maybe { $0.random.text() },
            extension: Extension(""), campaign: maybe { $0.pick(["spring", "inbound", "click-dial", "ü\"\n"]) })
        return Call(
            sent, callerE164: maybe { $0.random.text() }, queue: maybe { $0.random.text() },
            ringingAt: maybe { $0.moment() }, upAt: maybe { $0.moment() }, endedAt: maybe { $0.moment() })
    }

    private mutating func facts() -> CallFacts {
        var facts = CallFacts()
        facts.reach = pick([.call, .leg])
        facts.endedBy = maybe { $0.pick([.agent, .caller]) }
        facts.endReason = maybe { $0.pick(EndReason.allCases) }
        facts.endCode = maybe { $0.seconds() }
        facts.ringSeconds = maybe { $0.seconds() }
        facts.waitSeconds = maybe { $0.seconds() }
        facts.talkSeconds = maybe { $0.seconds() }
        facts.totalSeconds = maybe { $0.seconds() }
        facts.callerName = maybe { $0.random.text() }
        facts.session = maybe { $0.session() }
        return facts
    }

    private mutating func session() -> SessionRequest {
        SessionRequest(
            templateName: random.text(),
            templateParameters: [
                VendorMember(name: random.text(), json: Array(#"{"id":7,"list":[true]}"#.utf8)),
                VendorMember(name: "\u{1F600} parameter", json: Array("null".utf8)),
            ])
    }

    private mutating func contact() -> Contact {
        Contact(id: random.text(), type: pick(["contact", "account"]), name: random.text())
    }

    private mutating func seconds() -> Int { pick([0, 1, 61, .max]) }

    private mutating func moment() -> Timestamp {
        Timestamp(
            milliseconds: pick([0, 253_402_300_799_999, Int64.random(in: 0...2_000_000_000_000, using: &random)]))
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }

    private mutating func maybe<Value>(_ make: (inout RandomAccount) -> Value) -> Value? {
        Bool.random(using: &random) ? make(&self) : nil
    }
}
