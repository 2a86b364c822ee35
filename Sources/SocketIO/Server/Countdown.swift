import Synchronization

/// Does something once so many others have said that they are done.
final class Countdown: Sendable {
    private let left: Atomic<Int>
    private let finally: @Sendable () -> Void

    init(_ count: Int, finally: @escaping @Sendable () -> Void) {
        left = Atomic(count)
        self.finally = finally
    }

    func step() {
        if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { finally() }
    }
}
