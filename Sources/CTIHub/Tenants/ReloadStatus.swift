public import CTICore
import Synchronization

/// What became of reloads of the configuration, for the metrics. Safe from any thread.
public final class ReloadStatus: Sendable {
    public struct Figures: Sendable {
        /// All that was read was good.
        public var succeeded = 0
        /// Something was wrong: the last good reading of it stays in use.
        public var failed = 0
        /// When all was good the last time, the start included.
        public var goodSince: Timestamp?
        public var isDaemonFileBroken = false
    }

    private let state = Mutex(Figures())

    public var figures: Figures { state.withLock { $0 } }

    public init() {}

    public func note(isGood: Bool, at moment: Timestamp) {
        state.withLock {
            if isGood { $0.succeeded += 1 } else { $0.failed += 1 }
            if isGood { $0.goodSince = moment }
        }
    }

    public func start(at moment: Timestamp) { state.withLock { $0.goodSince = moment } }

    public func setDaemonFile(isBroken: Bool) { state.withLock { $0.isDaemonFileBroken = isBroken } }
}
