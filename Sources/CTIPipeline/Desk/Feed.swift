public import CTICore

/// Where a notification came from.
public enum Feed: String, Sendable, CaseIterable {
    /// The list that tells of calls bridged to an agent.
    case inbound
    /// The list of call detail records, which end calls.
    case cdr
    /// The channels of the agents: dialler calls, and what the agents do.
    case agents
    /// Posted by a PBX.
    case ingest
    /// Posted by an agent's softphone, through the page.
    case phone
    /// Nobody told: so much time has passed that it must be so.
    case clock
}

extension Feed {
    /// What it gives, in words.
    var goods: String {
        switch self {
        case .inbound, .ingest, .phone, .clock: "calls"
        case .cdr: "ends of calls"
        case .agents: "news of agents"
        }
    }

    /// Where it is configured.
    var setting: String {
        switch self {
        case .inbound: "redis.keys.inbound"
        case .cdr: "redis.keys.cdr"
        case .agents: "redis.keys.agents"
        case .ingest, .phone: "http"
        case .clock: "none"
        }
    }
}

/// A call event that somebody posted: what was understood, and the bytes that came.
public struct PostedEvent: Sendable, Hashable {
    public var account: CallAccount
    public var dialect: Dialect
    public var feed: Feed
    public var raw: [UInt8]

    public init(_ account: CallAccount, dialect: Dialect, feed: Feed, raw: [UInt8]) {
        self.account = account
        self.dialect = dialect
        self.feed = feed
        self.raw = raw
    }
}
