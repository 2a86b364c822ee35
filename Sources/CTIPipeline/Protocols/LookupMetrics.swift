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
    /// Of requests, those without an answer too.
    public var times = Timings()

    public init() {}
}
