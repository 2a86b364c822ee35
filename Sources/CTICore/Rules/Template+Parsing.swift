extension Template {
    /// Reads `{name}`, `{name|fallback}`, `{{` and `}}`; everything else stands for itself.
    ///
    /// A fallback is plain text up to the next `}` and holds no brace. The names of variables are taken as they are:
    /// ``init(parsing:variables:)`` checks them, too.
    public init(parsing text: String) throws(TemplateError) {
        try self.init(parsing: text, knownVariables: nil)
    }

    /// As ``init(parsing:)``, and a variable that is none of `variables` (names without `variables.`) is an error.
    public init(parsing text: String, variables: [String]) throws(TemplateError) {
        try self.init(parsing: text, knownVariables: variables)
    }

    private init(parsing text: String, knownVariables: [String]?) throws(TemplateError) {
        var parser = TemplateParser(text, knownVariables: knownVariables)
        self.init(parts: try parser.parse())
    }
}

/// One pass over the bytes. Every byte that matters is ASCII, so that no character is ever cut.
private struct TemplateParser {
    private let text: [UInt8]
    private let knownVariables: [String]?
    private var position = 0
    private var literal: [UInt8] = []
    private var parts: [Template.Part] = []

    private static let opening = UInt8(ascii: "{")
    private static let closing = UInt8(ascii: "}")
    private static let bar = UInt8(ascii: "|")

    init(_ text: String, knownVariables: [String]?) {
        self.text = Array(text.utf8)
        self.knownVariables = knownVariables
    }

    mutating func parse() throws(TemplateError) -> [Template.Part] {
        while position < text.count {
            let byte = text[position]
            if byte == Self.opening || byte == Self.closing, isDoubled {
                literal.append(byte)
                position += 2
            } else if byte == Self.opening {
                try parseField()
            } else if byte == Self.closing {
                throw TemplateError("a \"}\" that closes nothing; write \"}}\" for a brace itself", offset: position)
            } else {
                literal.append(byte)
                position += 1
            }
        }
        endLiteral()
        return parts
    }

    private var isDoubled: Bool { position + 1 < text.count && text[position + 1] == text[position] }

    private mutating func endLiteral() {
        guard !literal.isEmpty else { return }
        parts.append(.literal(String(decoding: literal, as: UTF8.self)))
        literal = []
    }

    private mutating func parseField() throws(TemplateError) {
        let start = position + 1
        let inside = text[start...]
        guard let end = inside.firstIndex(where: { $0 == Self.closing || $0 == Self.opening }),
            text[end] == Self.closing
        else {
            throw TemplateError(
                "a \"{\" without its \"}\"; expected {name} or {name|fallback}, or \"{{\" for a brace itself",
                offset: position)
        }
        let bar = inside[..<end].firstIndex(of: Self.bar)
        let name = String(decoding: text[start..<(bar ?? end)], as: UTF8.self)
        let fallback = bar.map { String(decoding: text[($0 + 1)..<end], as: UTF8.self) }
        let field = try field(named: name, offset: start)
        endLiteral()
        parts.append(.field(field, fallback: fallback))
        position = end + 1
    }

    private func field(named name: String, offset: Int) throws(TemplateError) -> TemplateField {
        guard !name.isEmpty else {
            throw TemplateError("nothing between the braces; expected a name, as {caller}", offset: offset)
        }
        let field = TemplateField(name: name)
        if case .variable(let variable)? = field, let knownVariables, !knownVariables.contains(variable) {
            throw TemplateError(unknown(name), offset: offset)
        }
        guard let field else { throw TemplateError(unknown(name), offset: offset) }
        return field
    }

    private func unknown(_ name: String) -> String {
        let variables = (knownVariables ?? []).map { "variables." + $0 }
        return TemplateField.unknownNameMessage(name, variables: variables)
    }
}
