/// What a tenant's desk has done since it was started, for the metrics.
public struct DeskCounters: Sendable, Hashable {
    public var notifications = 0
    public var deadLetters = 0
    /// Published, but there was no room for it.
    public var lost = 0
    public var repeated = 0
    public var stale = 0
    public var popsOffered = 0
    public var missed = 0
    /// Pops that were recorded too late to be shown.
    public var expired = 0
    public var lookups = 0
    /// Unanswered in time, or refused.
    public var lookupFailures = 0
    public var commits = 0
    public var recordFailures = 0

    public init() {}
}
