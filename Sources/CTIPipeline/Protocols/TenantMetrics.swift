/// What a tenant has done and how its list is, at one moment.
public struct TenantMetrics: Sendable {
    /// The agents' side, now.
    public struct Screens: Sendable, Hashable {
        /// Agents' open pages and other clients.
        public var sessions = 0
        /// Agents with at least one of them.
        public var agents = 0
        /// Pops that are neither handled nor dismissed.
        public var pops = 0

        public init() {}
    }

    /// What stands in the tenant's own queues now.
    public struct Waiting: Sendable, Hashable {
        /// Entries of the log.
        public var toBeRecorded: Int
        /// Call events.
        public var forLookups: Int

        public init(toBeRecorded: Int = 0, forLookups: Int = 0) {
            self.toBeRecorded = toBeRecorded
            self.forLookups = forLookups
        }
    }

    public var readiness: Readiness
    public var counters: DeskCounters
    /// `nil` before the source has said anything.
    public var source: SourceStatus?
    /// Calls are being fetched, as far as is known.
    public var isListUp: Bool
    /// Since the list last answered; since the start where it never has, so that this is noticed, too.
    public var secondsSinceAnswer: Double
    /// Open streams: agents' pages and boards.
    public var streams: Int
    public var screens: Screens
    public var waiting: Waiting
    /// How everything that is read beside the inbound list is.
    public var others: [FeedMetrics]
    /// How many agents are in each state; empty where nobody listens for states.
    public var agents: [String: Int]
    /// `nil` where no address is asked who is calling.
    public var lookup: LookupMetrics?
    public var sinks: [SinkStatus]

    public init(
        readiness: Readiness, counters: DeskCounters = DeskCounters(), source: SourceStatus? = nil,
        isListUp: Bool = false, secondsSinceAnswer: Double = 0, streams: Int = 0,
        screens: Screens = Screens(), waiting: Waiting = Waiting(),
        others: [FeedMetrics] = [], agents: [String: Int] = [:], lookup: LookupMetrics? = nil,
        sinks: [SinkStatus] = []
    ) {
        self.readiness = readiness
        self.counters = counters
        self.source = source
        self.isListUp = isListUp
        self.secondsSinceAnswer = secondsSinceAnswer
        self.streams = streams
        self.screens = screens
        self.waiting = waiting
        self.others = others
        self.agents = agents
        self.lookup = lookup
        self.sinks = sinks
    }
}
