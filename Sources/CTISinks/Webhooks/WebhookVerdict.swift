import CTICore
import CTIPipeline

/// What a receiver's status says. Pure.
enum WebhookVerdict {
    /// A receiver's wish beyond it is not heeded: its place in the log would be stuck for as long.
    static let longestWait = Duration.seconds(3600)
    /// "At once" from somebody who has just refused is no wish to be asked in a loop.
    static let shortestWait = Duration.seconds(1)

    /// `nil` for a yes.
    static func failure(status: UInt, retryAfter: String?, now: Timestamp) -> SinkFailure? {
        switch status {
        case 200...299: return nil
        case 410: return SinkFailure(.refused, "answered 410 Gone: it wants no more of them", retry: .never)
        case 429, 503:
            guard let wait = retryAfter.flatMap({ RetryAfter.wait($0, now: now) }) else {
                return SinkFailure(status == 429 ? .throttled : .refused, "answered \(status)")
            }
            let bounded = min(max(wait, shortestWait), longestWait)
            return SinkFailure(
                .throttled, "answered \(status), try again in \(bounded.components.seconds) s", retry: .after(bounded))
        case 400, 406, 409, 411, 413, 414, 415, 422: return SinkFailure(.rejected, "answered \(status)")
        default: return SinkFailure(.refused, "answered \(status)")
        }
    }
}

/// `Retry-After` of RFC 9110, section 10.2.3: seconds, or a date in one of its three forms.
enum RetryAfter {
    /// `nil` for what is neither; zero for what has passed.
    static func wait(_ text: String, now: Timestamp) -> Duration? {
        let text = text.filter { $0 != "\t" }.trimmed
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // So many digits are years: anything beyond is cut off anyway.
            return .seconds(Int64(text.prefix(9)) ?? 0)
        }
        return date(text, now: now).map { max(.zero, $0.since(now)) }
    }

    private static let months = [
        "Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06", "Jul": "07", "Aug": "08",
        "Sep": "09", "Oct": "10", "Nov": "11", "Dec": "12",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    private static func date(_ text: String, now: Timestamp) -> Timestamp? {
        var parts = text.split(whereSeparator: { " ,-".contains($0) }).map(String.init)
        if parts.count == 6, parts[5] == "GMT" {
            parts.removeLast()
        } else if parts.count == 5, months[parts[1]] != nil {
            parts = [parts[0], parts[2], parts[1], parts[4], parts[3]]
        } else {
            return nil
        }
        guard let month = months[parts[2]], let year = year(parts[3], now: now), parts[1].count <= 2 else { return nil }
        let day = parts[1].count == 1 ? "0\(parts[1])" : parts[1]
        return Timestamp(iso8601: "\(year)-\(month)-\(day)T\(parts[4]).000Z")
    }

    /// Two digits are of this century unless that is more than 50 years ahead.
    private static func year(_ text: String, now: Timestamp) -> String? {
        guard text.count == 2 else { return text.count == 4 ? text : nil }
        let century = now.description.prefix(2)
        guard let full = Int(century + text), let this = Int(now.description.prefix(4)) else { return nil }
        return String(full > this + 50 ? full - 100 : full)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
