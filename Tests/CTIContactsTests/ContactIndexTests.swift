import CTICore
import CTIPipeline
import Testing

@testable import CTIContacts

struct ContactIndexTests {
    private let index = ContactIndex(
        [
            ContactRecord(id: "1", name: "Ada", phones: ["082 123 4567", "+27 82 123 4567"], references: ["A-17"]),
            ContactRecord(id: "2", name: "Bob", type: "account", phones: ["+44 20 7946 0018"], references: [" 99 "]),
            ContactRecord(id: "3", name: "Cyd", phones: ["27821234567", "1007"]),
            ContactRecord(id: "4", name: "Old", phones: ["0821234567"], references: ["A-17"], isInactive: true),
            ContactRecord(id: "5", name: "Nobody", phones: ["anonymous", "", " ", "0000000000"]),
            ContactRecord(id: "A-17", name: "Namesake", phones: ["+1 650 253 0000"]),
            ContactRecord(id: "7", name: "Odd", phones: ["SIP/line7"]),
            ContactRecord(id: "8", name: "Dee", phones: ["0821234567"]),
        ], region: "ZA")

    private func ids(_ reference: String? = nil, _ caller: String = "", _ e164: String? = nil) -> [String] {
        index.matches(reference: reference, caller: caller, callerE164: e164).map(\.id)
    }

    @Test func sharedNumberGivesAllInOrderAndInactiveNever() {
        #expect(ids(nil, "0821234567", "+27821234567") == ["1", "3", "8"])
    }

    @Test func referenceComesBeforeNumber() {
        #expect(ids("A-17", "0821234567", "+27821234567") == ["1"])
        #expect(ids(" 99", "0821234567", "+27821234567") == ["2"])
        #expect(ids("5") == ["5"])
        #expect(ids("unheard of", "1007") == ["3"])
        #expect(ids("", "1007") == ["3"])
    }

    @Test func numberWithinItsCountryWhereTheCallersCountryIsUnknown() {
        #expect(ids(nil, "0821234567") == ["1", "3", "8"])
        #expect(ids(nil, "442079460018") == ["2"])
        #expect(ids(nil, "2079460018") == ["2"])
        // The same digits in another country are somebody else's.
        #expect(ids(nil, "+49821234567", "+49821234567") == [])
    }

    @Test func contactsNumberWithoutACountryIsFoundByItsDigits() {
        let unread = ContactIndex([ContactRecord(id: "x", name: "X", phones: ["(082) 123-4567"])], region: "")
        #expect(unread.matches(reference: nil, caller: "0821234567", callerE164: "+27821234567").map(\.id) == ["x"])
    }

    @Test func literalTextIsTheLastResort() {
        #expect(ids(nil, "1007") == ["3"])
        #expect(ids(nil, "sip/LINE7") == ["7"])
        #expect(ids(nil, "line7") == [])
    }

    @Test(arguments: ["", " ", "anonymous", "Anonymous", "0000000000", "00", "unknown", "restricted"])
    func withheldNumberMatchesNobody(caller: String) {
        #expect(ids(nil, caller) == [])
        #expect(ids(" ", caller) == [])
    }

    @Test func recordComesBackWhole() throws {
        let record = ContactRecord(
            id: "é-1", name: String(repeating: "long ", count: 100), type: "lead", phones: ["+27821234567", "1007"],
            references: ["r"], avatar: "https://example.org/a.png", fields: ["city": "Durban", "zip": "4001"])
        let index = ContactIndex([record], region: "ZA")
        #expect(index.record(at: 0) == record)
        #expect(index.record(at: 1) == nil)
        #expect(index.record(at: -1) == nil)
        #expect(index.records(reference: "r", caller: "", callerE164: nil) == [record])
        #expect(index.matches(reference: "r", caller: "", callerE164: nil) == [record.contact])
    }

    @Test func emptyIndexFindsNobody() {
        let index = ContactIndex([], region: "ZA")
        #expect(index.count == 0)
        #expect(index.matches(reference: "1", caller: "0821234567", callerE164: "+27821234567").isEmpty)
    }

    /// Against a plain dictionary, with numbers drawn from so few that many are shared.
    @Test func manyContactsAgreeWithADictionary() {
        var expected: [UInt64: [String]] = [:]
        var records: [ContactRecord] = []
        for position in 0..<20_000 {
            let numbers = Set([position &* 7919 % 6007, position &* 104_729 % 9001]).map { UInt64(27_820_000_000 + $0) }
            for number in numbers { expected[number, default: []].append("c\(position)") }
            records.append(ContactRecord(id: "c\(position)", name: "", phones: numbers.map { "+\($0)" }))
        }
        let index = ContactIndex(records, region: "ZA")
        for (number, ids) in expected {
            let found = index.matches(reference: nil, caller: "", callerE164: "+\(number)").map(\.id)
            if found != ids { Issue.record("\(number): \(found.count) instead of \(ids.count)") }
        }
        #expect(index.matches(reference: nil, caller: "", callerE164: "+27829999999").isEmpty)
    }

    @Test func everybodyAtOneNumberIsBuiltInLinearTime() {
        let records = (0..<50_000).map { ContactRecord(id: "\($0)", name: "", phones: ["+27110000000"]) }
        let found = ContactIndex(records, region: "ZA").matches(reference: nil, caller: "", callerE164: "+27110000000")
        #expect(found.map(\.id) == records.map(\.id))
    }
}
