/// Text with `{names}` in it, parsed when the configuration loads, so that a call can no longer fail on it.
///
/// `{name|fallback}` gives the fallback where the value is absent; `{{` and `}}` are braces themselves.
public struct Template: Hashable, Sendable {
    public enum Part: Hashable, Sendable {
        case literal(String)
        case field(TemplateField, fallback: String?)
    }

    public let parts: [Part]

    public init(parts: [Part]) { self.parts = parts }
    public init(literal: String) { parts = literal.isEmpty ? [] : [.literal(literal)] }

    /// The fields that it names.
    public var fields: [TemplateField] {
        parts.compactMap { if case .field(let field, _) = $0 { field } else { nil } }
    }
}
