/// The findings of one file, as they come up. A class, so that every reader of a part of the file adds to the same one.
final class FindingList {
    /// The key path of what concerns the file as a whole.
    static let wholeFile = "(file)"

    let file: String
    private(set) var findings: [Finding] = []

    init(file: String) { self.file = file }

    func error(_ message: String, at place: SourcePlace, key: String) {
        add(message, at: place, key: key, severity: .error)
    }

    func warning(_ message: String, at place: SourcePlace, key: String) {
        add(message, at: place, key: key, severity: .warning)
    }

    func add(_ message: String, at place: SourcePlace, key: String, severity: Finding.Severity) {
        let finding = Finding(
            file: file, line: place.line, column: place.column, severity: severity,
            keyPath: key.isEmpty ? Self.wholeFile : key, message: message
        )
        // What stands under an anchor is read once for each alias; its mistakes are one mistake.
        if !findings.contains(finding) { findings.append(finding) }
    }
}

/// A place in a text, both from 1.
struct SourcePlace: Hashable, Sendable {
    static let start = SourcePlace(line: 1, column: 1)

    var line: Int
    var column: Int
}
