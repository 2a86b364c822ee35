public import CTICore
public import Hiredis

/// Where events go in a Redis, and in which words.
public struct RedisSinkSettings: Sendable {
    public enum Target: Sendable, Hashable {
        /// By PUBLISH: whoever listens then gets it.
        case channel(Template)
        /// By XADD, the newest `length` are kept: who comes later gets it, too.
        case stream(Template, length: Int)
    }

    public var endpoint: RedisEndpoint
    public var target: Target
    /// Of what is sent; events for which it has no words are left out.
    public var dialect: Dialect
    public var events: Set<CallEventKind>
    /// What could not be sent within it is a dead letter.
    public var ttl: Duration
    /// How national numbers are read.
    public var region: String
    /// What frames leave out of an agent.
    public var crmUser: @Sendable (Extension) -> String?

    public init(
        endpoint: RedisEndpoint, target: Target, dialect: Dialect = .ctid,
        events: Set<CallEventKind> = Set(CallEventKind.allCases), ttl: Duration = .seconds(300), region: String = "ZA",
        crmUser: @escaping @Sendable (Extension) -> String? = { _ in nil }
    ) {
        self.endpoint = endpoint
        self.target = target
        self.dialect = dialect
        self.events = events
        self.ttl = ttl
        self.region = region
        self.crmUser = crmUser
    }
}
