/// One thing wrong, or doubtful, in a configuration file, and where it stands.
struct Finding: Hashable, Sendable {
    enum Severity: String, Sendable { case error, warning }

    /// As found under the configuration folder that was asked for.
    var file: String
    /// Both from 1; a column is one Unicode scalar, as editors and YAML parsers count it.
    var line: Int
    var column: Int
    var severity: Severity
    /// As `rules[0].do[1].open.url`; `(file)` for what concerns the file as a whole.
    var keyPath: String
    /// What is wrong, then what is expected. Never a secret.
    var message: String
}

extension Finding: CustomStringConvertible {
    /// The line that `ctid check` prints.
    var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(keyPath): \(message)" }
}

extension Finding: Comparable {
    static func < (lhs: Finding, rhs: Finding) -> Bool {
        (lhs.file, lhs.line, lhs.column, lhs.keyPath, lhs.message)
            < (rhs.file, rhs.line, rhs.column, rhs.keyPath, rhs.message)
    }
}

extension Collection<Finding> {
    var hasErrors: Bool { contains { $0.severity == .error } }
}
