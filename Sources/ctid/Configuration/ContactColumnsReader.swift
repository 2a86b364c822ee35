import CTIContacts

/// Reads which columns of a table are which member of a contact.
struct ContactColumnsReader {
    let section: Section<TenantKeys.ContactColumns>

    func read() -> ContactColumns {
        var columns = ContactColumns()
        for key in TenantKeys.ContactColumns.allCases {
            if let value = section.unlessEmpty(key) { columns[member(key)] = headers(value) }
        }
        return columns
    }

    /// One header, or a list of them.
    private func headers(_ value: ConfigurationValue) -> [String] {
        guard case .sequence = value.node.content else {
            return [header(value, expected: "a column's header, or a list of them")].compactMap(\.self)
        }
        var seen: Set<String> = []
        return value.items().compactMap { item in
            guard let header = header(item, expected: "a column's header") else { return nil }
            guard seen.insert(ContactColumns.key(header)).inserted else {
                item.fail("\"\(header)\" is there twice, in whatever case, expected it once")
                return nil
            }
            return header
        }
    }

    private func header(_ value: ConfigurationValue, expected: String) -> String? {
        guard let text = value.text(expected: expected) else { return nil }
        guard !ContactColumns.key(text).isEmpty else {
            value.fail("is empty, expected \(expected)")
            return nil
        }
        return text
    }

    private func member(_ key: TenantKeys.ContactColumns) -> ContactColumns.Member {
        switch key {
        case .id: .id
        case .name: .name
        case .phones: .phones
        case .references: .references
        case .type: .type
        case .avatar: .avatar
        case .active: .active
        case .inactive: .inactive
        }
    }
}
