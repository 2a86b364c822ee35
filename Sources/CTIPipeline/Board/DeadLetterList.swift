public import CTICore

/// The newest dead letters of a day, without what they say: a payload may hold anything.
public struct DeadLetterList: Sendable {
    public struct Row: Sendable, Hashable {
        public var position: Position
        public var at: Timestamp
        public var code: String
        public var message: String
        /// The feed that it came from, or the sink that it did not get to.
        public var place: String
    }

    /// Newest last.
    public private(set) var rows: [Row] = []
    public static let limit = 200
    public static let keeps = Duration.seconds(24 * 3600)

    public init() {}

    /// There may be more than are listed.
    public var isFull: Bool { rows.count == Self.limit }

    public mutating func take(_ recorded: RecordedEntry) {
        let entry = recorded.entry
        guard entry.kind == .deadLetter, rows.last.map({ $0.position < recorded.position }) ?? true else { return }
        let data = try? JSONObject(entry.data)
        rows.append(
            Row(
                position: recorded.position, at: entry.at, code: data?["code"]?.string ?? "unknown",
                message: data?["message"]?.string ?? "",
                place: data?["sink"]?.string ?? entry.feed?.rawValue ?? "unknown"))
        if rows.count > Self.limit { rows.removeFirst() }
    }

    /// Returns whether any left.
    @discardableResult
    public mutating func expire(at now: Timestamp) -> Bool {
        let count = rows.count
        rows.removeAll { now.since($0.at) > Self.keeps }
        return rows.count != count
    }
}
