/// The first row of a table: what each of its columns tells of a contact.
struct CSVHeader {
    private struct Usual {
        var index: Int
        var header: String
        var column: ContactColumn
    }

    private struct Mapped {
        var member: ContactColumns.Member
        var indices: [Int]
    }

    /// Of columns.
    let count: Int
    /// What the configuration names and the row does not have, in words.
    private(set) var missing: [String] = []
    private var usual: [Usual] = []
    private var mapped: [Mapped] = []

    init(_ fields: [String], columns: ContactColumns) {
        count = fields.count
        let names = Self.names(fields)
        var taken: Set<Int> = []
        for member in ContactColumns.Member.allCases where !columns[member].isEmpty {
            var indices: [Int] = []
            for header in columns[member] {
                let found = Self.indices(of: header, fields, names)
                if found.isEmpty {
                    missing.append("no column \"\(header)\", which contacts.columns names for \(member.rawValue)")
                }
                indices += found.filter { !indices.contains($0) }
            }
            taken.formUnion(indices)
            mapped.append(Mapped(member: member, indices: indices))
        }
        for (index, name) in names.enumerated() where !taken.contains(index) {
            usual.append(Self.usual(index, name, ContactColumn(header: fields[index].trimmed), columns))
        }
    }

    /// Somebody can be found by it.
    var isOfUse: Bool {
        usual.contains { $0.column == .phone || $0.column == .reference }
            || mapped.contains { [.phones, .references].contains($0.member) && !$0.indices.isEmpty }
    }

    /// What a row says; it may have fewer fields.
    func contact(_ fields: [String]) -> ContactRecord {
        var draft = ContactDraft()
        for column in usual where column.index < fields.count {
            column.column.set(fields[column.index], header: column.header, in: &draft)
        }
        for column in mapped {
            let values = column.indices.compactMap { $0 < fields.count ? fields[$0].trimmed : nil }
            column.member.set(values.filter { !$0.isEmpty }, in: &draft.record)
        }
        return draft.finished
    }

    /// Each its own: the second column of a name has a number behind it.
    private static func names(_ fields: [String]) -> [String] {
        var known: [String: Int] = [:]
        return fields.map { field in
            let header = field.trimmed
            known[header, default: 0] += 1
            let count = known[header, default: 1]
            return count == 1 ? header : "\(header) \(count)"
        }
    }

    /// All columns of that header; if there is none, the one that has got it by its number.
    private static func indices(of header: String, _ fields: [String], _ names: [String]) -> [Int] {
        let key = ContactColumns.key(header)
        let found = fields.indices.filter { ContactColumns.key(fields[$0]) == key }
        return found.isEmpty ? names.indices.filter { ContactColumns.key(names[$0]) == key } : found
    }

    /// A column that nothing names; a member with columns of its own leaves it to the fields.
    private static func usual(
        _ index: Int, _ name: String, _ column: ContactColumn, _ columns: ContactColumns
    ) -> Usual {
        guard !columns.leaves(column) else { return Usual(index: index, header: name, column: column) }
        return Usual(index: index, header: column == .company ? "company" : name, column: .field)
    }
}
