/// Which columns of a table are which member of a contact, for tables whose headers are nobody's usual ones.
///
/// A member that has columns here is read from them alone; the others go by the usual names, see ``ContactColumn``.
/// Headers are compared without regard to case and to blanks around them.
public struct ContactColumns: Hashable, Sendable {
    public enum Member: String, CaseIterable, Sendable {
        case id, name, phones, references, type, avatar, active, inactive
    }

    private var headers: [Member: [String]] = [:]

    public init() {}

    /// In the order in which they count: parts of a name are joined in it; of what a contact has one, the first that is
    /// not empty is taken.
    public subscript(member: Member) -> [String] {
        get { headers[member] ?? [] }
        set { headers[member] = newValue.isEmpty ? nil : newValue }
    }

    /// What two headers have in common that are the same one.
    public static func key(_ header: String) -> String { header.trimmed.lowercased() }

    /// Whether the usual names still count for what a column tells.
    func leaves(_ column: ContactColumn) -> Bool { column.member.map { self[$0].isEmpty } ?? true }
}

extension ContactColumn {
    /// What it is a part of. A company is a field of its own, too.
    fileprivate var member: ContactColumns.Member? {
        switch self {
        case .id: .id
        case .name, .givenName, .familyName, .company: .name
        case .phone: .phones
        case .reference: .references
        case .type: .type
        case .active: .active
        case .inactive: .inactive
        case .avatar: .avatar
        case .field: nil
        }
    }
}

extension ContactColumns.Member {
    /// Puts the values of its columns, none of them blank, where they belong.
    func set(_ values: [String], in record: inout ContactRecord) {
        guard let first = values.first else { return }
        switch self {
        case .id: record.id = first
        case .name: record.name = values.joined(separator: " ")
        case .phones: record.phones = values
        case .references: record.references = values.flatMap(ContactColumn.references)
        case .type: record.type = first
        case .avatar: record.avatar = first
        // One column that says so is enough.
        case .active: if values.contains(where: ContactColumn.isNo) { record.isInactive = true }
        case .inactive: if values.contains(where: ContactColumn.isYes) { record.isInactive = true }
        }
    }
}
