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

extension LogEntry {
    /// Where its notification came from, told by how its trace begins; `nil` for a feed that is not known here.
    ///
    /// Only what came by another way than the inbound list says so: most entries are of that one, and nothing is parsed.
    public var feed: Feed? {
        guard let trace, trace.starts(with: Feed.tracePrefix) else { return .inbound }
        let rest = trace[Feed.tracePrefix.count...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return Feed(rawValue: String(decoding: rest[..<end], as: UTF8.self))
    }
}

extension Feed {
    fileprivate static let tracePrefix = Array(#"{"feed":""#.utf8)

    /// The trace of an entry that tells nothing else; `nil` for the inbound list.
    var trace: [UInt8]? { self == .inbound ? nil : .object { $0.member("feed", rawValue) } }
}
