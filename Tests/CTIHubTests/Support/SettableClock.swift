import CTICore
import Synchronization

/// A clock that stands still until it is set.
final class SettableClock: Sendable {
    private let moment = Mutex(Timestamp.start)

    func read() -> Timestamp { now }

    var now: Timestamp {
        get { moment.withLock { $0 } }
        set { moment.withLock { $0 = newValue } }
    }
}
