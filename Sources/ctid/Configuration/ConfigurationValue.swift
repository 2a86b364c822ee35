/// A value of a configuration file with its key path. Asked for what it is, it answers, or reports why it cannot.
struct ConfigurationValue {
    struct Member {
        var key: String
        /// The key's; the value has its own.
        var place: SourcePlace
        var value: ConfigurationValue
    }

    let node: YAMLNode
    let path: String
    let context: ReadingContext

    /// Reports an error at the value, or `offset` characters into it.
    func fail(_ message: String, offset: Int = 0) {
        var place = node.place
        if offset > 0, case .scalar(let text) = node.content {
            place = context.source.place(of: text, at: place, offset: offset)
        }
        context.findings.error(message, at: place, key: path)
    }

    func warn(_ message: String) { context.findings.warning(message, at: node.place, key: path) }

    /// Any scalar, as it is written.
    func text(expected: String = "a text") -> String? {
        guard case .scalar(let text) = node.content else {
            fail("is \(node.kind), expected \(expected)")
            return nil
        }
        return text
    }

    func nonEmptyText(expected: String = "a text") -> String? {
        guard let text = text(expected: expected) else { return nil }
        if text.isEmpty { fail("is empty, expected \(expected)") }
        return text.isEmpty ? nil : text
    }

    /// The items of a list; none, and a report, for anything else.
    func items(expected: String = "a list") -> [ConfigurationValue] {
        guard case .sequence(let nodes) = node.content else {
            if !node.isNull { fail("is \(node.kind), expected \(expected)") }
            return []
        }
        return nodes.enumerated().map { number, item in
            ConfigurationValue(node: item, path: "\(path)[\(number)]", context: context)
        }
    }

    /// The members of a mapping whose keys are the user's own.
    func members(expected: String = "a mapping") -> [Member]? {
        switch node.content {
        case .mapping(let entries):
            return entries.map { entry in
                let below = path.appending(key: entry.key)
                let value = ConfigurationValue(node: entry.value, path: below, context: context)
                return Member(key: entry.key, place: entry.place, value: value)
            }
        case .null: return []
        case .scalar, .sequence:
            fail("is \(node.kind), expected \(expected)")
            return nil
        }
    }

    /// A mapping with known keys; the unknown ones are reported.
    func section<Key: SectionKey>(of key: Key.Type) -> Section<Key>? {
        let expected = "a mapping with \(WordChoice(Key.names))"
        guard let members = members(expected: expected) else { return nil }
        return Section(members, path: path, place: node.place, context: context)
    }
}
