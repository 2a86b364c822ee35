extension Template {
    /// A variable of the configuration whose template names one that it must not.
    public struct VariableProblem: Error, Hashable, Sendable {
        /// Of the variable that is wrong, in the list given.
        public let index: Int
        public let message: String
    }

    /// Every mistake in a tenant's variables: a variable may name only those before it, so that there are no circles.
    public static func validate(variables: [NamedTemplate]) -> [VariableProblem] {
        variables.indices.flatMap { index in
            let earlier = variables[..<index].map(\.name)
            let later = variables[index...].map(\.name)
            return variables[index].template.unknownVariables(among: earlier).map { name in
                let message =
                    later.contains(name)
                    ? "\"variables.\(name)\" is not known yet; a variable may name only those above it"
                    : TemplateField.unknownNameMessage(
                        "variables." + name, variables: earlier.map { "variables." + $0 })
                return VariableProblem(index: index, message: message)
            }
        }
    }

    /// The variables that it names and that are none of `known`; names without `variables.`.
    public func unknownVariables(among known: [String]) -> [String] {
        fields.compactMap { field in
            if case .variable(let name) = field, !known.contains(name) { name } else { nil }
        }
    }
}
