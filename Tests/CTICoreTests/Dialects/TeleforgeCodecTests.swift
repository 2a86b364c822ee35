import CTICore
import Testing

@Suite struct TeleforgeCodecTests {
    @Test(arguments: DialectFixture.teleforge)
    func `an account gives its notification, to the byte`(_ fixture: DialectFixture) throws {
        let written = try #require(Dialect.teleforge.encode(Dialect.teleforge.decode(fixture.vendor)))
        #expect(written == DialectFixture.trimmed(fixture.vendor))
    }

    @Test(arguments: DialectFixture.teleforge)
    func `facts that were logged give the same notification`(_ fixture: DialectFixture) throws {
        var account = try Dialect.teleforge.decode(fixture.vendor)
        let logged = json { account.facts.write(to: &$0) }
        account.facts = try CallFacts(JSONObject(Array(logged.utf8)))
        #expect(Dialect.teleforge.encode(account) == DialectFixture.trimmed(fixture.vendor))
    }

    /// What the inbound list's own decoder makes of a payload is what the codec makes of it; that one knows no `cdr`.
    @Test(arguments: DecodeFixture.all.filter { !["type-cdr", "type-before-payload"].contains($0.name) })
    func `a call is read as on the inbound list`(_ fixture: DecodeFixture) {
        #expect(
            outcome { () throws(DecodeFailure) in try Dialect.teleforge.decode(fixture.payload).callEvent }
                == fixture.expected)
    }

    @Test func `a call's failures have the list's messages`() throws {
        let text = Array(#"{"type":"call","payload":{"number":"1","call_ref":"c"}}"#.utf8)
        let (codec, list) = (
            failure { try Dialect.teleforge.decode(text) }, failure { try NotificationDecoder().decode(text) }
        )
        #expect(codec != nil && codec == list)
    }

    @Test func `an agent named on the inbound list makes no dialler's call of it`() throws {
        let text =
            #"{"type":"call","payload":{"number":"1","call_ref":"c","agent":"x","call_dir":"inbound","ref":"7"}}"#
        #expect(try Dialect.teleforge.decode(Array(text.utf8)).call.direction == .inbound)
        let nobody = #"{"type":"call","payload":{"number":"1","call_ref":"c","agent":null,"ref":"7"}}"#
        #expect(try Dialect.teleforge.decode(Array(nobody.utf8)).call.direction == .inbound)
    }

    @Test(arguments: [
        (#"{"type":"status","payload":{"status":"busy","ref":"1007"}}"#, "unknown-type"),
        (#"{"type":"CDR","payload":{}}"#, "unknown-type"), (#"{"type":"","payload":{}}"#, "unknown-type"),
        (#"{"payload":{}}"#, "missing-field"), (#"{"type":null,"payload":{}}"#, "missing-field"),
        (#"{"type":7,"payload":{}}"#, "wrong-type"), (#"{"type":"cdr"}"#, "missing-field"),
        (#"{"type":"cdr","payload":[]}"#, "wrong-type"),
    ])
    func `what is no call of ours is refused`(_ text: String, code: String) {
        #expect(failure { try Dialect.teleforge.decode(Array(text.utf8)) }?.code.rawValue == code)
    }

    @Test func `a status is named as what it is`() {
        let text = Array(#"{"type":"status","payload":{"status":"busy","ref":"1007"}}"#.utf8)
        #expect(failure { try Dialect.teleforge.decode(text) }?.message.contains("agent") == true)
    }

    @Test func `the vendor's own notation is understood`() throws {
        let text =
            "{\ntype : \"cdr\"\npayload: {\nextension : 1007,\nnumber : \"0821234567\",\ncall_ref : \"c-1\"\n}\n}"
        #expect(try Dialect.teleforge.decode(Array(text.utf8)).agent.extension.rawValue == "1007")
    }

    @Test(arguments: DialectFixture.teleforge)
    func `nothing that was changed in a notification traps`(_ fixture: DialectFixture) {
        for seed in 0..<300 as Range<UInt64> {
            let bytes = SampleMutation.mutated(fixture.vendor, seed: seed)
            guard let account = try? Dialect.teleforge.decode(bytes) else { continue }
            #expect(account.event == .up || account.event.isEnd)
            #expect(account.totalSeconds ?? 0 >= 0)
            // What is written of it is read again, as the same event; of no generation only the dialler's calls stay.
            var expected = account.callEvent
            if expected.generation == .unknown, expected.direction == .inbound { expected.generation = .v3 }
            let again = Dialect.teleforge.encode(account).flatMap { try? Dialect.teleforge.decode($0) }
            #expect(again?.callEvent == expected, "seed \(seed)")
        }
    }
}

/// The failure alone; `nil` where there is none.
func failure<Value>(_ decode: () throws -> Value) -> DecodeFailure? {
    do {
        _ = try decode()
        return nil
    } catch { return error as? DecodeFailure }
}
