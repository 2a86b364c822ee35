public import CTICore
import Foundation

/// A dead letter on its way back through the inbound list: the bytes that came once, when, and where.
///
///     {"type":"ctid-requeued","at":1795255200123,"feed":"cdr","raw":"<base64>"}
///
/// Without `feed` it came through the inbound list. All go back through that one: a channel keeps nothing, and the list of
/// call records may not be read any more.
///
/// A notification carries no time. Pushed again as it came, a call of yesterday would count as fresh and take a screen;
/// in this envelope it keeps its age.
public struct RequeuedNotification: Sendable, Equatable {
    /// What came, to the byte.
    public let raw: [UInt8]
    /// When it was fetched first.
    public let fetchedAt: Timestamp
    public let feed: Feed

    /// From 1970 to the year 9999: whatever else stands there was not written by us.
    private static let moments: ClosedRange<Int64> = 0...253_402_300_799_999
    private static let prefix = Array(#"{"type":"ctid-requeued","#.utf8)

    public init(raw: [UInt8], fetchedAt: Timestamp, feed: Feed = .inbound) {
        self.raw = raw
        self.fetchedAt = fetchedAt
        self.feed = feed
    }

    /// As it stands in the list.
    public var envelope: [UInt8] {
        .object {
            $0.member("type", "ctid-requeued")
            $0.member("at", fetchedAt.milliseconds)
            $0.optionalMember("feed", feed == .inbound ? nil : feed.rawValue)
            $0.member("raw", Data(raw).base64EncodedString())
        }
    }

    /// `nil` for anything but an envelope.
    public init?(envelope: UnsafeRawBufferPointer) {
        struct Members: Decodable {
            let at: Int64
            let raw: Data
            let feed: String?
        }
        guard envelope.starts(with: Self.prefix),
            let members = try? JSONDecoder().decode(Members.self, from: Data(envelope)),
            let feed = Feed(rawValue: members.feed ?? Feed.inbound.rawValue), Self.moments.contains(members.at)
        else { return nil }
        self.init(raw: Array(members.raw), fetchedAt: Timestamp(milliseconds: members.at), feed: feed)
    }
}
