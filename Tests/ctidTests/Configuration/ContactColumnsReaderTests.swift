import CTIContacts
import Testing

@testable import ctid

struct ContactColumnsReaderTests {
    private func columns(_ text: String) throws -> ContactColumns {
        let scratch = try ScratchConfiguration()
        try scratch.writeTenant(leastTenant + text)
        #expect(scratch.lines().isEmpty)
        return try #require(scratch.load().tenants.values.first).contacts.columns
    }

    @Test func `every member takes a header or a list of them`() throws {
        for member in ContactColumns.Member.allCases {
            #expect(try columns("contacts: { columns: { \(member.rawValue): A b } }")[member] == ["A b"])
            #expect(try columns("contacts: { columns: { \(member.rawValue): [ A, 2 ] } }")[member] == ["A", "2"])
        }
    }

    @Test(arguments: [
        "", "contacts: {}", "contacts: { columns: }", "contacts: { columns: { id: } }",
        "contacts: { columns: { id: '' } }", "contacts: { columns: { id: [] } }",
    ])
    func `what is absent or empty goes by the usual headers`(text: String) throws {
        #expect(try columns(text) == ContactColumns())
    }
}
