import CTICore

/// Where the notification of an entry came from, as its trace begins to tell: `{"feed":"cdr","dialect":"teleforge",…`.
///
/// Only what came by another way than the inbound list says so: most entries are of that one, and nothing is parsed.
struct EntryOrigin: Sendable, Hashable {
    var feed: Feed
    var dialect: Dialect

    static let inbound = EntryOrigin(feed: .inbound, dialect: .teleforge)

    init(feed: Feed, dialect: Dialect) {
        self.feed = feed
        self.dialect = dialect
    }

    init(_ entry: LogEntry) {
        self = .inbound
        guard let feed = entry.feed, feed != .inbound else { return }
        let told = entry.trace.flatMap { try? JSONObject($0) }?["dialect"]?.string
        self.init(feed: feed, dialect: told.flatMap(Dialect.init(rawValue:)) ?? .teleforge)
    }

    /// The trace of an entry that tells nothing else; `nil` for the inbound list.
    var trace: [UInt8]? { feed == .inbound ? nil : .object { write(to: &$0) } }

    /// The first members of a trace.
    func write(to json: inout JSONWriter) {
        json.member("feed", feed.rawValue)
        json.member("dialect", dialect.rawValue)
    }
}

extension LogEntry {
    /// `nil` for a feed that is not known here.
    public var feed: Feed? {
        guard let trace, trace.starts(with: Self.feedPrefix) else { return .inbound }
        let rest = trace[Self.feedPrefix.count...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return Feed(rawValue: String(decoding: rest[..<end], as: UTF8.self))
    }

    private static let feedPrefix = Array(#"{"feed":""#.utf8)
}

extension Feed {
    /// The trace of an entry that tells nothing else; `nil` for the inbound list.
    var trace: [UInt8]? { EntryOrigin(feed: self, dialect: .teleforge).trace }
}
