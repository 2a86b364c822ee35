/// What became of a file of contacts: totals, and the first hundred things that were left out, with their lines.
///
/// It holds no name and no number, so it may be shown and logged.
public struct ImportReport: Sendable, Hashable, CustomStringConvertible {
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// From 1, where the contact or the phone number begins.
        public let line: Int
        public let reason: String

        public var description: String { "\(line): \(reason)" }
    }

    public static let maxFindings = 100

    /// Contacts that were taken, the inactive ones too.
    public internal(set) var imported = 0
    public internal(set) var inactive = 0
    /// Contacts that were left out.
    public internal(set) var skipped = 0
    /// Places where a part is missing: contacts taken without it, a file that ends too early.
    public internal(set) var damaged = 0
    /// Phone numbers of contacts that were taken which no number plan allows; they are
    /// matched as text.
    public internal(set) var unreadableNumbers = 0
    /// How many findings there were; ``findings`` holds no more than ``maxFindings``.
    public internal(set) var totalFindings = 0
    public private(set) var findings: [Finding] = []

    public init() {}

    mutating func note(line: Int, _ reason: String) {
        totalFindings += 1
        if findings.count < Self.maxFindings { findings.append(Finding(line: line, reason: reason)) }
    }

    mutating func skip(line: Int, _ reason: String) {
        skipped += 1
        note(line: line, reason)
    }

    mutating func noteDamage(line: Int, _ reason: String) {
        damaged += 1
        note(line: line, reason)
    }

    /// Something that the file had, or should have had, is not in the directory.
    public var isAnythingMissing: Bool { skipped + damaged > 0 }

    public var description: String {
        let taken = "\(imported) imported, \(inactive) of them inactive"
        let left = "\(skipped) left out, \(damaged) damaged; \(unreadableNumbers) numbers unreadable"
        return "\(taken); \(left)"
    }
}
