public import CTICore

/// Counts that can be taken back.
public protocol HourPart: Sendable {
    init()
    mutating func subtract(_ other: Self)
}

/// The sum of the last sixty minutes, kept minute by minute: what is older leaves as a whole. Pure; told the time.
public struct RollingHour<Part: HourPart>: Sendable {
    public private(set) var total = Part()
    private var minutes: [Int64: Part] = [:]

    public static var length: Int64 { 60 }

    public init() {}

    /// Does the same to the minute's counts and to the sum.
    public mutating func change(at moment: Timestamp, _ body: (inout Part) -> Void) {
        body(&minutes[moment.minute, default: Part()])
        body(&total)
    }

    /// Returns whether anything left.
    @discardableResult
    public mutating func expire(at now: Timestamp) -> Bool {
        let old = minutes.keys.filter { $0 <= now.minute - Self.length }
        for minute in old {
            if let part = minutes.removeValue(forKey: minute) { total.subtract(part) }
        }
        return !old.isEmpty
    }
}

extension Timestamp {
    /// Since 1970.
    var minute: Int64 { milliseconds / 60_000 }
}
