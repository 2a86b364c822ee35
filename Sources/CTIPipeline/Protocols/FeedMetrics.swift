/// How one of the lists or channels beside the inbound list is.
public struct FeedMetrics: Sendable {
    public struct List: Sendable {
        /// Elements left in it when it was last asked.
        public var backlog: Int
        /// Elements that another reader took.
        public var missing: Int

        public init(backlog: Int, missing: Int) {
            self.backlog = backlog
            self.missing = missing
        }
    }

    public var feed: Feed
    public var isUp: Bool
    /// Since the start where it never answered.
    public var secondsSinceAnswer: Double
    public var connects: Int
    /// `nil` of channels: nothing waits there.
    public var list: List?

    public init(feed: Feed, isUp: Bool, secondsSinceAnswer: Double, connects: Int, list: List? = nil) {
        self.feed = feed
        self.isUp = isUp
        self.secondsSinceAnswer = secondsSinceAnswer
        self.connects = connects
        self.list = list
    }
}
