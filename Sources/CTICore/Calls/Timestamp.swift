/// A wall-clock moment, in whole milliseconds since 1970 UTC. Wire form: ISO 8601 with milliseconds and `Z`.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.milliseconds < rhs.milliseconds }

    public func adding(_ duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(milliseconds: milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    public func since(_ earlier: Timestamp) -> Duration { .milliseconds(milliseconds - earlier.milliseconds) }

    /// `2026-11-21T10:00:00.000Z`
    public var description: String { String(decoding: iso8601, as: UTF8.self) }

    /// The wire form as bytes, made without Foundation's formatters: this is written once for every event.
    public var iso8601: [UInt8] {
        let (days, inDay) = milliseconds.quotientAndPositiveRemainder(by: 86_400_000)
        let (year, month, day) = Self.civil(fromDays: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        text.appendPadded(year, 4)
        text.append(UInt8(ascii: "-"))
        text.appendPadded(month, 2)
        text.append(UInt8(ascii: "-"))
        text.appendPadded(day, 2)
        text.append(UInt8(ascii: "T"))
        text.appendPadded(inDay / 3_600_000, 2)
        text.append(UInt8(ascii: ":"))
        text.appendPadded(inDay / 60_000 % 60, 2)
        text.append(UInt8(ascii: ":"))
        text.appendPadded(inDay / 1000 % 60, 2)
        text.append(UInt8(ascii: "."))
        text.appendPadded(inDay % 1000, 3)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    /// Days since 1970-01-01 to a date of the proleptic Gregorian calendar, counted in 400-year eras that begin in March.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientAndPositiveRemainder(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func quotientAndPositiveRemainder(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension [UInt8] {
    fileprivate mutating func appendPadded(_ value: Int64, _ width: Int) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") &+ UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
