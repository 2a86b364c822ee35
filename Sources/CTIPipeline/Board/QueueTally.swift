/// What became of the calls of one queue.
public struct QueueTally: HourPart, Hashable {
    public internal(set) var offered = 0
    public internal(set) var answered = 0
    public internal(set) var abandoned = 0
    /// Calls by the whole seconds that they waited for an answer; longer ones count as ``longestWait``.
    var waits: [Int: Int] = [:]

    static let longestWait = 3600
    /// The goal that contact centres count against.
    public static let serviceSeconds = 20

    public init() {}

    mutating func answer(after seconds: Int?) {
        answered += 1
        if let seconds { waits[min(max(0, seconds), Self.longestWait), default: 0] += 1 }
    }

    public mutating func subtract(_ other: QueueTally) {
        offered -= other.offered
        answered -= other.answered
        abandoned -= other.abandoned
        for (seconds, count) in other.waits {
            let left = waits[seconds, default: 0] - count
            waits[seconds] = left > 0 ? left : nil
        }
    }

    /// With the calls of another queue.
    public mutating func add(_ other: QueueTally) {
        offered += other.offered
        answered += other.answered
        abandoned += other.abandoned
        waits.merge(other.waits, uniquingKeysWith: +)
    }

    /// Seconds; `nil` where no wait is known.
    public var averageWait: Double? {
        let count = waits.values.reduce(0, +)
        guard count > 0 else { return nil }
        return Double(waits.reduce(0) { $0 + $1.key * $1.value }) / Double(count)
    }

    /// Nine of ten calls were answered within so many seconds; `nil` where no wait is known.
    public var ninetiethPercentile: Int? {
        let count = waits.values.reduce(0, +)
        guard count > 0 else { return nil }
        var seen = 0
        return waits.keys.sorted().first { seconds in
            seen += waits[seconds, default: 0]
            return seen * 10 >= count * 9
        }
    }

    /// The share that was answered within ``serviceSeconds``, of calls that were answered after a known time or given
    /// up; `nil` where there were none.
    public var serviceLevel: Double? {
        let count = waits.values.reduce(0, +) + abandoned
        guard count > 0 else { return nil }
        let inTime = waits.reduce(0) { $1.key <= Self.serviceSeconds ? $0 + $1.value : $0 }
        return Double(inTime) / Double(count)
    }
}
