import CTICore

extension EventLog {
    /// The newest notifications of one feed, oldest first, at most `limit`. A notification leaves a few entries in the
    /// log, so the last stretch of it is enough.
    public func newestNotifications(limit: Int, feed: Feed = .inbound) async throws(EventLogError) -> [RecordedEntry] {
        let stretch = limit * 8
        let start = Position(try await bounds().newest.rawValue - Int64(stretch))
        let entries = try await entries(.everything, after: start, limit: stretch)
        return Array(entries.filter { $0.entry.raw != nil && $0.entry.feed == feed }.suffix(limit))
    }
}
