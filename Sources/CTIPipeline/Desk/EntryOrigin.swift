public import CTICore

/// Where the notification of an entry came from, as the beginning of its trace tells: `{"feed":"cdr","dialect":…`.
///
/// What the inbound list brought, which is nearly everything, does not say so.
public struct EntryOrigin: Sendable, Hashable {
    public var feed: Feed
    public var dialect: Dialect

    public static let inbound = EntryOrigin(feed: .inbound, dialect: .teleforge)

    public init(feed: Feed, dialect: Dialect) {
        self.feed = feed
        self.dialect = dialect
    }

    public init(trace: [UInt8]?) {
        self = .inbound
        guard let trace, trace.starts(with: Self.prefix), let object = try? JSONObject(trace) else { return }
        feed = object["feed"]?.string.flatMap(Feed.init(rawValue:)) ?? .inbound
        dialect = object["dialect"]?.string.flatMap(Dialect.init(rawValue:)) ?? .teleforge
    }

    private static let prefix = Array("{\"feed\":\"".utf8)
}

extension [UInt8] {
    /// The trace of an entry that has none but its origin.
    static func origin(feed: Feed, dialect: Dialect) -> [UInt8] {
        .object {
            $0.member("feed", feed.rawValue)
            $0.member("dialect", dialect.rawValue)
        }
    }
}
