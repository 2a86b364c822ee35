import CTICore
import CTIPipeline

/// How moments and spans are written for people.
enum StoryTime {
    /// `2026-11-21`, UTC.
    static func day(_ moment: Timestamp) -> String { String(moment.description.prefix(10)) }

    /// `10:00:00.000`, UTC.
    static func clock(_ moment: Timestamp) -> String { String(moment.description.dropFirst(11).dropLast()) }

    /// `2026-11-21 10:00:00`, UTC.
    static func minute(_ moment: Timestamp) -> String { day(moment) + " " + clock(moment).prefix(8) }

    /// `+0.182 s`, from a minute on `+1:05.182`, from an hour on `+1:01:05.182`.
    static func offset(_ span: Duration) -> String {
        let milliseconds = Swift.max(0, span.milliseconds)
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let fraction = "." + digits(rest, 3)
        if seconds < 60 { return "+\(seconds)\(fraction) s" }
        if seconds < 3600 { return "+\(seconds / 60):\(digits(seconds % 60, 2))\(fraction)" }
        return "+\(seconds / 3600):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))\(fraction)"
    }

    /// In words: `0.2 s`, `43 s`, `5 min`, `3 h`, `2 days`. Rounded up: it serves as "at most".
    static func atMost(_ span: Duration) -> String {
        let milliseconds = Swift.max(1, span.milliseconds)
        if milliseconds <= 10_000 {
            let tenths = (milliseconds + 99) / 100
            return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
        }
        let units = [(1000, 120, "s"), (60_000, 120, "min"), (3_600_000, 48, "h")] as [(Int64, Int64, String)]
        for (length, most, name) in units where milliseconds <= length * most {
            return "\((milliseconds + length - 1) / length) \(name)"
        }
        return "\((milliseconds + 86_399_999) / 86_400_000) days"
    }

    /// As ``atMost(_:)``, but rounded to the nearest: for what was measured.
    static func after(_ span: Duration) -> String {
        let milliseconds = span.milliseconds
        if milliseconds < 50 { return "less than 0.1 s" }
        let unit: Int64 = milliseconds < 10_000 ? 100 : 1000
        return atMost(.milliseconds((milliseconds + unit / 2) / unit * unit))
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }
}
