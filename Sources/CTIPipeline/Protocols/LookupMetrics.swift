/// How one question ended. The names are those of the metrics' label.
public enum LookupOutcome: String, CaseIterable, Sendable {
    case found, nobody
    /// Answered without asking.
    case cached
    case timeout
    /// An HTTP status that is no answer.
    case status
    /// Too large, or not what was expected.
    case unreadable
    /// No connection, or it broke.
    case unreachable
    /// All of its time others were being asked.
    case busy
    case breakerOpen = "breaker_open"
}

/// What a contact look-up has done since the start.
public struct LookupMetrics: Sendable, Hashable {
    public var outcomes: [LookupOutcome: Int] = [:]
    /// Answers that are kept now.
    public var kept = 0
    public var isBreakerOpen = false
    public var times = LookupTimes()

    public init() {}
}

/// How long requests took, those without an answer too.
public struct LookupTimes: Sendable, Hashable {
    /// In seconds; the last bucket has no bound.
    public static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// One more than ``bounds``, each for itself.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    public private(set) var sum = 0.0

    public init() {}

    public mutating func add(_ time: Duration) {
        let seconds = time.inSeconds
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }
}
