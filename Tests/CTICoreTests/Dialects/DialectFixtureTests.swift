import CTICore
import Testing

/// What vendors send, read and written: every sample of theirs, in both directions, and through each other.
@Suite struct DialectFixtureTests {
    private static let samples = [Dialect.xcally: 7, .kunzite: 7, .enreach: 7, .teleforge: 16]

    @Test(arguments: Dialect.vendors)
    func `fixtures are there, of every event that the vendor has`(_ dialect: Dialect) throws {
        let fixtures = DialectFixture.of(dialect)
        #expect(fixtures.count >= Self.samples[dialect, default: 1])
        let events = try Set(fixtures.map { try dialect.decode($0.vendor).event })
        #expect(events == Set(CallEventKind.allCases.filter { dialect.speaks(of: $0) }))
    }

    @Test(arguments: DialectFixture.all + DialectFixture.invites)
    func `a vendor's object gives our line`(_ fixture: DialectFixture) throws {
        let line = Dialect.ctid.encode(try fixture.dialect.decode(fixture.vendor))
        #expect(String(decoding: line ?? [], as: UTF8.self) == fixture.line)
    }

    @Test(arguments: DialectFixture.all)
    func `our line gives the vendor's object back, on one line`(_ fixture: DialectFixture) throws {
        let account = try Dialect.ctid.decode(Array(fixture.line.utf8))
        let vendor = try #require(fixture.dialect.encode(account))
        #expect(try JSONValue(vendor) == JSONValue(fixture.vendor))
        #expect(!vendor.contains(UInt8(ascii: "\n")))
    }

    @Test(arguments: DialectFixture.all)
    func `what was read is written back as it came`(_ fixture: DialectFixture) throws {
        let vendor = try #require(fixture.dialect.encode(fixture.dialect.decode(fixture.vendor)))
        #expect(try JSONValue(vendor) == JSONValue(fixture.vendor))
    }

    @Test(arguments: DialectFixture.all + DialectFixture.invites)
    func `a vendor's object gives every other vendor's`(_ fixture: DialectFixture) throws {
        let account = try fixture.dialect.decode(fixture.vendor)
        for other in Dialect.vendors where other != fixture.dialect {
            let written = String(decoding: other.encode(account) ?? [], as: UTF8.self)
            #expect(written == fixture.converted(to: other), "\(other.rawValue)")
        }
    }

    @Test(arguments: DialectFixture.invites)
    func `an INVITE has no notification to go with it`(_ fixture: DialectFixture) throws {
        let account = try fixture.dialect.decode(fixture.vendor)
        #expect(account.event == .ringing && Dialect.teleforge.encode(account) == nil)
    }

    /// Teleforge prints its samples with keys without quotes, and a comma missing.
    @Test(arguments: [("vendor-v3-relaxed", "call-v3"), ("vendor-pre-v3-relaxed", "call-pre-v3-with-contact")])
    func `a sample as the vendor prints it is the same as one in JSON`(_ printed: String, sample: String) throws {
        let account = try Dialect.teleforge.decode(DialectFixture.contents("decode/\(printed).payload"))
        let fixture = try DialectFixture.one(.teleforge, sample)
        #expect(account == (try Dialect.teleforge.decode(fixture.vendor)))
        #expect(Dialect.teleforge.encode(account) == DialectFixture.trimmed(fixture.vendor))
    }

    @Test func `every expected conversion has its sample`() {
        let samples = Set((DialectFixture.all + DialectFixture.invites).map { "\($0.folder)-\($0.name)" })
        let expected = DialectFixture.names(in: "convert", ending: ".json")
        #expect(expected.count > 90)
        for name in expected { #expect(samples.contains(String(name.prefix { $0 != "." })), "\(name)") }
    }

    /// Members of samples that no vendor documents.
    private static let undocumented: Set<String> = [
        "lastapp", "data.recording", "version", "surveyId", "sent_by", "payload.skill", "payload.vip",
        "payload.disposition",
    ]

    @Test(arguments: Dialect.vendors, Dialect.vendors)
    func `what is lost on the way through another vendor is what the documentation says`(
        _ dialect: Dialect, _ other: Dialect
    ) throws {
        guard dialect != other else { return }
        var lost: Set<String> = []
        for fixture in DialectFixture.of(dialect) {
            guard let there = other.encode(try dialect.decode(fixture.vendor)) else { continue }
            let returned = try other.decode(there)
            guard let back = dialect.encode(returned) else {
                // Dialled from a record, of which the other knows nothing.
                #expect(dialect == .enreach && returned.event == .calling)
                continue
            }
            lost.formUnion(
                try JSONValue(fixture.vendor).differences(from: JSONValue(back), whole: ["eventData", "data.context"]))
        }
        #expect(lost.subtracting(Self.undocumented) == (try documentedLosses(of: dialect, through: other)))
    }

    /// From the row `| xcally | kunzite | `agentname`, … |` of the page on dialects.
    private func documentedLosses(of dialect: Dialect, through other: Dialect) throws -> Set<String> {
        let start = "| \(dialect.rawValue) | \(other.rawValue) | "
        let rows = try DialectFixture.page("Docs/dialects.md").split(separator: "\n").filter { $0.hasPrefix(start) }
        #expect(rows.count == 1)
        let names = rows.first?.dropFirst(start.count).split(separator: "`") ?? []
        return Set(names.map(String.init).filter { $0.contains { $0.isLetter } })
    }
}
