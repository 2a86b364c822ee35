public import CTICore

/// What became of notifications, by the generation of payload that they are.
///
/// One array, counted up in place: this stands in the way of every call.
public struct HandledCounts: Sendable, Hashable {
    /// The names are those of the metrics' label.
    public enum Outcome: String, CaseIterable, Sendable {
        /// Decided, whether or not a rule matched.
        case planned
        /// Too old to take a screen.
        case stale
        /// Known already.
        case repeated
        // Those below are of no generation that could be told.
        case deadLetter = "dead_letter"
        /// News of what an agent does.
        case agentState = "agent_state"

        /// Generations that it can be of.
        public var generations: [PayloadGeneration] {
            switch self {
            case .planned, .stale, .repeated: [.v3, .preV3, .unknown]
            case .deadLetter, .agentState: [.unknown]
            }
        }

        fileprivate var row: Int {
            switch self {
            case .planned: 0
            case .stale: 3
            case .repeated: 6
            case .deadLetter: 9
            case .agentState: 12
            }
        }
    }

    private var counts = [Int](repeating: 0, count: 15)

    public init() {}

    public mutating func add(_ outcome: Outcome, _ generation: PayloadGeneration = .unknown) {
        counts[outcome.row + generation.column] += 1
    }

    public subscript(outcome: Outcome, generation: PayloadGeneration) -> Int {
        counts[outcome.row + generation.column]
    }

    public func sum(of outcome: Outcome) -> Int { counts[outcome.row..<outcome.row + 3].reduce(0, +) }
}

extension PayloadGeneration {
    fileprivate var column: Int {
        switch self {
        case .v3: 0
        case .preV3: 1
        case .unknown: 2
        }
    }
}
