/// What a source is doing, for `/readyz`, the metrics and the log.
public struct SourceStatus: Sendable {
    public enum State: Sendable, Hashable {
        case connecting
        case fetching
        /// Cut off; it tries again.
        case failed(SourceTrouble)
        case stopped
    }

    public var state: State = .connecting
    /// When the list last answered; `nil` where it never has.
    public var answeredAt: ContinuousClock.Instant?
    /// Elements left in the list when it was last asked.
    public var backlog = 0
    public var serverVersion: String?
    /// What is really done, which is less than what is wanted where the server or its permissions lack something.
    public var delivery: RedisListSettings.Delivery
    /// Why at-least-once is not done although it was asked for.
    public var fallback: String?
    public var fetched = 0
    public var rounds = 0
    public var connects = 0
    /// Elements that were gone when they were to be removed: a second reader.
    public var missing = 0

    /// When it last went a step on: sent something, was answered, failed, tried again. An outage turns, too, so it does not
    /// tell whether Redis is there, but whether the source is. `nil` while it does not run.
    public internal(set) var turnedAt: ContinuousClock.Instant?
    /// What it fetched last is not recorded yet, and nothing is fetched meanwhile.
    public internal(set) var waitsForRecord = false

    init(delivery: RedisListSettings.Delivery) { self.delivery = delivery }
}
