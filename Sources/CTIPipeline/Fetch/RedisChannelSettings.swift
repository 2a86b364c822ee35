public import Hiredis

/// Which channels to listen to, and how to tell silence from deafness.
public struct RedisChannelSettings: Sendable, Hashable {
    public var endpoint: RedisEndpoint
    /// As PSUBSCRIBE takes it: `enigma:notifications:agents:*`.
    public var pattern: String
    /// The server is asked so often whether it is there: most of the time nothing is published.
    public var ping: Duration
    /// So long an answer may take. With `ping` it bounds how long a dead connection goes unnoticed.
    public var grace: Duration
    /// What our connection is called in the server's `CLIENT LIST`.
    public var clientName: String?

    public init(
        endpoint: RedisEndpoint, pattern: String, ping: Duration = .seconds(2),
        grace: Duration = .milliseconds(2500), clientName: String? = nil
    ) {
        self.endpoint = endpoint
        self.pattern = pattern
        self.ping = ping
        self.grace = grace
        self.clientName = clientName
    }

    /// The longest that a source takes from one step to the next, whatever the server does.
    var longestTurn: Duration { ping + grace * 4 + BackOff.longest + SourceTurn.margin }
}
