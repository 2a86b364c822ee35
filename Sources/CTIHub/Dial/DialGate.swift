import CTICore
import Synchronization

/// Lets one dial of an agent's through at a time, and one a second at most: a double click rings once.
///
/// It is the hub's own, so a reload of the tenant does not forget it.
final class DialGate: Sendable {
    struct Telephone: Hashable, Sendable {
        var tenant: TenantID
        var agent: Extension
    }

    private struct Dial {
        var began: Timestamp
        var isUnderWay = true
    }

    /// In milliseconds.
    private static let pause: Int64 = 1000
    /// Beyond so many, those of long ago are forgotten.
    private static let most = 256

    private let dials = Mutex<[Telephone: Dial]>([:])

    /// False: not now. Who got in says ``leave(_:)`` when it is done.
    func enter(_ telephone: Telephone, at now: Timestamp) -> Bool {
        dials.withLock { dials in
            if let last = dials[telephone], last.isUnderWay || Self.isRecent(last, at: now) { return false }
            if dials.count >= Self.most { dials = dials.filter { $1.isUnderWay || Self.isRecent($1, at: now) } }
            dials[telephone] = Dial(began: now)
            return true
        }
    }

    func leave(_ telephone: Telephone) { dials.withLock { $0[telephone]?.isUnderWay = false } }

    /// A clock that was set back locks nobody out.
    private static func isRecent(_ dial: Dial, at now: Timestamp) -> Bool {
        (0..<pause).contains(now.milliseconds - dial.began.milliseconds)
    }
}
