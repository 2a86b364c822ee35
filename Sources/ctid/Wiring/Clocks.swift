import CTICore
import Foundation

/// The clocks of the machine. Everything else is told the time.
enum Clocks {
    @Sendable static func wall() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// A moment that was written down by the wall clock, as one of the monotonic clock; never in the future.
    static func monotonic(_ moment: Timestamp) -> ContinuousClock.Instant {
        let age = wall().since(moment)
        return .now - (age < .zero ? .zero : age)
    }

    /// A moment of the monotonic clock, as the wall clock would have shown it.
    static func wall(_ moment: ContinuousClock.Instant) -> Timestamp {
        wall().adding(.zero - (ContinuousClock.now - moment))
    }
}
