public import CTICore

/// Where a webhook goes, what it is told, and how long that may take.
public struct WebhookSettings: Sendable, Hashable {
    /// What rules call it.
    public var name: String
    public var url: String
    /// Told whatever the rules say.
    public var events: Set<CallEventKind>
    /// Of one try: looking its host up, connecting, redirects, until the headers of the answer are there.
    public var timeout: Duration
    /// What could not be delivered within it is a dead letter.
    public var ttl: Duration
    /// So many messages are under way at once, of different calls.
    public var concurrency: Int
    /// It may be on this machine or in its network. Otherwise such an address is not gone to, whatever name led there.
    public var allowsPrivateAddresses: Bool

    public init(
        name: String, url: String, events: Set<CallEventKind> = Set(CallEventKind.allCases),
        timeout: Duration = .seconds(10), ttl: Duration = .seconds(86_400), concurrency: Int = 4,
        allowsPrivateAddresses: Bool = false
    ) {
        self.name = name
        self.url = url
        self.events = events
        self.timeout = timeout
        self.ttl = ttl
        self.concurrency = concurrency
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }
}
