import CTICore
import Foundation
import Testing

/// Every example number that libphonenumber has, in every notation, read here and there. Docs/numbers.md has the
/// figures.
struct NumberAgreementTests {
    /// One line of the fixture.
    struct Example: CustomStringConvertible {
        let notation, region, text: String
        /// What libphonenumber makes of it; `nil` for none.
        let expected: String?

        init?(_ line: Substring) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4 else { return nil }
            (notation, region, text) = (fields[0], fields[1], fields[2])
            expected = fields[3] == "-" ? nil : fields[3]
        }

        var found: String? { NumberPlan.e164(text, region: region) }
        var agrees: Bool { found == expected }
        var description: String { "\(region) \(text): \(found ?? "none"), there \(expected ?? "none")" }
    }

    /// Numbers of five digits or fewer that somebody's extension may have, in countries whose telephones have more: not
    /// numbers of the world here, but for libphonenumber.
    static let tooShort = ["IR 09601", "NL 14 020", "NO 02000", "SJ 02000", "UY 21123"]

    private static let examples: [Example] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/numbers.tsv")
        let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.compactMap(Example.init)
    }()

    @Test(arguments: ["national", "international", "uri", "abroad", "prefix"])
    func `examples of all regions are read as libphonenumber does`(notation: String) throws {
        let examples = Self.examples.filter { $0.notation == notation }
        let others = examples.filter { !$0.agrees }
        let same = examples.count - others.count
        print("numbers, \(notation): \(same) of \(examples.count) agree", others.map(\.description))
        #expect(examples.count > 400)
        #expect(Double(same) >= 0.995 * Double(examples.count))
        let known = notation == "national" ? Self.tooShort : []
        #expect(others.map { "\($0.region) \($0.text)" } == known)
    }

    @Test func `every region is there, in every notation`() {
        let national = Set(Self.examples.lazy.filter { $0.notation == "national" }.map(\.region))
        #expect(national.count >= 245)
        for region in national { #expect(NumberPlan.isKnownRegion(region), "\(region)") }
        for notation in ["international", "uri"] {
            let regions = Set(Self.examples.lazy.filter { $0.notation == notation }.map(\.region))
            #expect(regions.isSuperset(of: national), "\(notation)")
        }
    }
}
