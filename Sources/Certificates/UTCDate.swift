internal import Glibc

/// A day as people write it, as 2026-11-21.
public struct UTCDate: CustomStringConvertible {
    public let description: String

    /// - Parameter seconds: since 1970.
    public init(_ seconds: Int) {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        description = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
