extension Condition {
    func holds(in context: PlanContext) -> Bool { holds(for: context.value(of: field)) }

    /// Held against the field's value. An absent one equals nothing and begins with nothing, so `not` alone holds.
    func holds(for value: String?) -> Bool {
        switch test {
        case .equals(let wanted): value == wanted
        case .not(let unwanted): value != unwanted
        case .isIn(let list): value.map { list.contains($0) } ?? false
        case .hasPrefix(let prefix): value?.hasPrefix(prefix) ?? false
        }
    }

    /// For people: what the condition found, as `queue is "Support", not "Sales"`.
    func failureText(actual: String?) -> String {
        let subject = field.noun
        guard let actual else { return "\(subject) is not known, and should \(expectation)" }
        let found = actual.isEmpty ? "\(subject) is empty" : "\(subject) is \"\(actual)\""
        switch test {
        case .equals(let wanted): return "\(found), not \"\(wanted)\""
        case .not: return "\(found), which the rule excludes"
        case .isIn(let list): return "\(found), none of \(Self.quoted(list))"
        case .hasPrefix(let prefix): return "\(found), which does not begin with \"\(prefix)\""
        }
    }

    /// For people, where it held: as `queue is "Sales"`.
    var successText: String {
        switch test {
        case .equals(let wanted): "\(field.noun) is \"\(wanted)\""
        case .not(let unwanted): "\(field.noun) is not \"\(unwanted)\""
        case .isIn(let list): "\(field.noun) is one of \(Self.quoted(list))"
        case .hasPrefix(let prefix): "\(field.noun) begins with \"\(prefix)\""
        }
    }

    private var expectation: String {
        switch test {
        case .equals(let wanted): "be \"\(wanted)\""
        case .not(let unwanted): "not be \"\(unwanted)\""
        case .isIn(let list): "be one of \(Self.quoted(list))"
        case .hasPrefix(let prefix): "begin with \"\(prefix)\""
        }
    }

    private static func quoted(_ list: [String]) -> String { list.map { "\"\($0)\"" }.joined(separator: ", ") }
}
