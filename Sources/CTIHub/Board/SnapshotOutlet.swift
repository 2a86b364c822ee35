import CTIPipeline
import Synchronization

/// A board that looks once: it takes the first snapshot, and nothing else.
final class SnapshotOutlet: FrameOutlet {
    private enum State {
        case empty
        case waiting(CheckedContinuation<[UInt8]?, Never>)
        /// `nil` where there will be none.
        case settled([UInt8]?)
    }

    private let state = Mutex(State.empty)

    func send(_ frames: [Frame]) {
        if let snapshot = frames.first(where: { $0.event == "snapshot" }) { settle(snapshot.data) }
    }

    func finish(retryAfter: Duration) { settle(nil) }

    /// The snapshot once it is there; `nil` where the tenant is gone, or nobody wants it any more.
    func snapshot() async -> [UInt8]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let settled = state.withLock { state -> [UInt8]?? in
                    if case .settled(let snapshot) = state { return .some(snapshot) }
                    state = .waiting(continuation)
                    return nil
                }
                if let settled { continuation.resume(returning: settled) }
            }
        } onCancel: {
            settle(nil)
        }
    }

    private func settle(_ snapshot: [UInt8]?) {
        let waiter = state.withLock { state -> CheckedContinuation<[UInt8]?, Never>? in
            if case .settled = state { return nil }
            defer { state = .settled(snapshot) }
            if case .waiting(let waiter) = state { return waiter }
            return nil
        }
        waiter?.resume(returning: snapshot)
    }
}
