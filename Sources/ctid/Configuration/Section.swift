/// A mapping whose keys are known. Made by `ConfigurationValue.section`, which reports the unknown ones.
struct Section<Key: SectionKey> {
    let path: String
    let place: SourcePlace
    let context: ReadingContext
    private let values: [String: ConfigurationValue]

    init(_ members: [ConfigurationValue.Member], path: String, place: SourcePlace, context: ReadingContext) {
        self.path = path
        self.place = place
        self.context = context
        let known = Set(Key.names)
        for member in members where !known.contains(member.key) {
            let advice = WordChoice(Key.names).advice(for: member.key)
            context.findings.error("unknown key, \(advice)", at: member.place, key: path.appending(key: member.key))
        }
        values = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// `nil` where the key is absent, or nothing stands after it.
    subscript(key: Key) -> ConfigurationValue? {
        values[key.rawValue].flatMap { $0.node.isNull ? nil : $0 }
    }

    /// As the subscript, but `nil` for an empty text too: in a configuration "" says that there is none.
    func unlessEmpty(_ key: Key) -> ConfigurationValue? {
        guard let value = self[key] else { return nil }
        if case .scalar("") = value.node.content { return nil }
        return value
    }

    /// Reports an absent or empty value. `expected` completes "is missing, expected …".
    func required(_ key: Key, expected: String) -> ConfigurationValue? {
        if let value = unlessEmpty(key) { return value }
        let present = values[key.rawValue]
        let what = present == nil ? "is missing" : "is empty"
        context.findings.error(
            "\(what), expected \(expected)", at: present?.node.place ?? place, key: path.appending(key: key.rawValue)
        )
        return nil
    }

    /// The mapping below a key; `nil` where it is absent or empty.
    func section<Inner: SectionKey>(_ key: Key, as inner: Inner.Type) -> Section<Inner>? {
        self[key]?.section(of: inner)
    }
}
