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

    /// Whether it names the contact, itself or by a variable, and gives no fallback.
    func needsContact(_ variables: [NamedTemplate]) -> Bool {
        parts.contains { part in
            guard case .field(let field, nil) = part else { return false }
            guard case .variable(let name) = field else { return field.isOfContact }
            guard let index = variables.firstIndex(where: { $0.name == name }) else { return false }
            // A variable names only those before it, so this ends.
            return variables[index].template.needsContact(Array(variables[..<index]))
        }
    }
}
