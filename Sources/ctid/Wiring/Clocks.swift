import CTICore
import Foundation

/// The clocks of the machine. Everything else is told the time.
enum Clocks {
    @Sendable static func wall() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// A moment that was written down by the wall clock, as one of the monotonic clock; never in the future.
    static func monotonic(_ moment: Timestamp) -> ContinuousClock.Instant {
        let age = wall().since(moment)
        return .now - (age < .zero ? .zero : age)
    }

    static func wall(_ moment: ContinuousClock.Instant) -> Timestamp {
        wall().adding(.now - moment > .zero ? .zero - (ContinuousClock.now - moment) : .zero)
    }
}
