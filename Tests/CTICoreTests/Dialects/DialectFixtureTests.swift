import CTICore
import Testing

/// What vendors send, read and written: every sample of theirs, in both directions, and through each other.
@Suite struct DialectFixtureTests {
    private static let samples = [Dialect.xcally: 7, .kunzite: 7, .enreach: 7]

    @Test(arguments: [Dialect.xcally, .kunzite, .enreach])
    func `fixtures are there, of every event that the vendor has`(_ dialect: Dialect) throws {
        let fixtures = DialectFixture.of(dialect)
        #expect(fixtures.count >= Self.samples[dialect, default: 1])
        let events = try Set(fixtures.map { try dialect.decode($0.vendor).event })
        #expect(events == Set(CallEventKind.allCases.filter { $0 != .calling || dialect != .xcally }))
    }

    @Test(arguments: DialectFixture.all)
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

    /// `convert/<from>-<name>.<to>.json` is what it becomes; there is none where the other has no words for it.
    @Test(arguments: DialectFixture.all)
    func `a vendor's object gives every other vendor's`(_ fixture: DialectFixture) throws {
        let account = try fixture.dialect.decode(fixture.vendor)
        for other in [Dialect.xcally, .kunzite, .enreach] where other != fixture.dialect {
            let expected = DialectFixture.lines(
                "convert/\(fixture.dialect.rawValue)-\(fixture.name).\(other.rawValue).json")
            #expect(String(decoding: other.encode(account) ?? [], as: UTF8.self) == expected, "\(other.rawValue)")
        }
    }

    @Test func `every expected conversion has its sample`() {
        let samples = Set(DialectFixture.all.map { "\($0.dialect.rawValue)-\($0.name)" })
        let expected = DialectFixture.names(in: "convert", ending: ".json")
        #expect(expected.count > 30)
        for name in expected { #expect(samples.contains(String(name.prefix { $0 != "." })), "\(name)") }
    }

    /// Members of samples that no vendor documents.
    private static let undocumented: Set<String> = ["lastapp", "data.recording", "version", "surveyId"]

    @Test(arguments: [Dialect.xcally, .kunzite, .enreach], [Dialect.xcally, .kunzite, .enreach])
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
