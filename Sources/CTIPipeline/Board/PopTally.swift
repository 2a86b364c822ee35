/// What became of the pops, and why calls were missed.
public struct PopTally: HourPart, Hashable {
    public enum Outcome: String, Sendable, CaseIterable {
        /// Offered, and nothing was said of it yet.
        case open
        case shown, handled, dismissed, blocked
        /// The call was over, and no page had said a word.
        case silent
        case missed
    }

    public internal(set) var outcomes: [Outcome: Int] = [:]
    /// By ``CallFrame/MissedReason``.
    public internal(set) var missed: [String: Int] = [:]

    public init() {}

    public mutating func subtract(_ other: PopTally) {
        outcomes.merge(other.outcomes) { $0 - $1 }
        missed.merge(other.missed) { $0 - $1 }
        outcomes = outcomes.filter { $0.value != 0 }
        missed = missed.filter { $0.value != 0 }
    }

    public var pops: Int { outcomes.values.reduce(0, +) }
    public var missedCalls: Int { missed.values.reduce(0, +) }

    /// Of those that are not open any more; `nil` where there are none.
    public var handledShare: Double? {
        let settled = pops - outcomes[.open, default: 0]
        return settled > 0 ? Double(outcomes[.handled, default: 0]) / Double(settled) : nil
    }
}
