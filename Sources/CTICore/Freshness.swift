/// How old a notification can be at most, although none carries a time.
///
/// A list is taken in the order in which it was filled. So whatever is fetched now was pushed after the last moment at
/// which the list is known to have been empty of everything older:
///
///     length seen: 0 ──────────▶ all that comes later is younger than this moment
///     length seen: n ─ take n ─▶ the same, once those n have been taken
///
/// Moments are of a monotonic clock, so that a corrected wall clock neither ages calls nor makes them young. A second
/// reader that takes elements away only makes the bound older, never younger.
public struct ListFreshness<Instant: InstantProtocol>: Sendable where Instant: Sendable {
    private struct Mark: Sendable {
        var moment: Instant
        var remaining: Int
    }

    /// Everything that was pushed before this moment has been taken; `nil` where nothing is known yet.
    public private(set) var emptyAsOf: Instant?
    private var mark: Mark?

    /// `remembered`: what an earlier process knew.
    public init(remembered: Instant? = nil) { emptyAsOf = remembered }

    /// The list had `length` elements, at `moment` or later.
    public mutating func saw(length: Int, at moment: Instant) {
        if length == 0 {
            emptyAsOf = later(emptyAsOf, moment)
            mark = nil
        } else if mark == nil {
            // An older mark is reached sooner: it is kept.
            mark = Mark(moment: moment, remaining: length)
        }
    }

    /// `count` elements were taken off.
    public mutating func took(_ count: Int) {
        guard var mark else { return }
        mark.remaining -= count
        if mark.remaining <= 0 {
            emptyAsOf = later(emptyAsOf, mark.moment)
            self.mark = nil
        } else {
            self.mark = mark
        }
    }

    /// The age that nothing fetched now can exceed; `nil` where nothing is known.
    public func ageBound(at now: Instant) -> Instant.Duration? {
        emptyAsOf.map { $0.duration(to: now) }
    }

    private func later(_ lhs: Instant?, _ rhs: Instant) -> Instant { lhs.map { max($0, rhs) } ?? rhs }
}
