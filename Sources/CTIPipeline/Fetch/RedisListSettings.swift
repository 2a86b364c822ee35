public import Hiredis

/// Which list to read, and how.
public struct RedisListSettings: Sendable, Hashable {
    public enum Delivery: String, Sendable {
        /// BLPOP, the PBX vendor's own contract.
        case atMostOnce = "at-most-once"
        /// Elements stay in the list until they are in the event log.
        case atLeastOnce = "at-least-once"
    }

    /// The end from which elements are taken: left for a PBX that RPUSHes.
    public enum PopSide: String, Sendable { case left, right }

    public var endpoint: RedisEndpoint
    public var key: String
    /// What the list is for: it decides how its elements are read.
    public var feed: Feed
    public var delivery: Delivery
    public var popSide: PopSide
    /// At most so many in one round; 1 takes them one by one.
    public var batch: Int
    /// How long the server waits for an element. Bounded, so that silence is told from deafness.
    public var wait: Duration
    /// Beyond `wait`, how long an answer may take. A shorter socket time-out than the wait would lose a call: the
    /// server would hand the next element to a connection that nobody reads.
    public var grace: Duration
    /// What our connection is called in the server's `CLIENT LIST`; by it a second daemon of the same tenant is known.
    public var clientName: String?

    public init(
        endpoint: RedisEndpoint, key: String = "enigma:notifications:inbound", feed: Feed = .inbound,
        delivery: Delivery = .atMostOnce, popSide: PopSide = .left, batch: Int = 256, wait: Duration = .seconds(2),
        grace: Duration = .milliseconds(2500)
    ) {
        self.endpoint = endpoint
        self.key = key
        self.feed = feed
        self.delivery = delivery
        self.popSide = popSide
        self.batch = max(1, batch)
        self.wait = wait
        self.grace = grace
    }

    /// The longest that a source takes from one step to the next, whatever the server does.
    var longestTurn: Duration { wait + grace * 4 + BackOff.longest + SourceTurn.margin }
}
