/// A YAML document without YAML's guesses: every scalar is the text that was written, and everything knows its place.
///
/// `on` is a key like any other, `0117654321` keeps its zero and `1e3` its letter; what a value means is for the one
/// who asks for it to say.
struct YAMLNode {
    enum Content {
        /// Not quoted and empty, `~` or `null`.
        case null
        case scalar(String)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    var content: Content
    var place: SourcePlace

    /// For messages: "is a list, expected …".
    var kind: String {
        switch content {
        case .null: "empty"
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    var isNull: Bool { if case .null = content { true } else { false } }
}

/// A key of a mapping, with its value.
struct YAMLEntry {
    var key: String
    var place: SourcePlace
    var value: YAMLNode
}
