import Foundation

/// Where a debug build ends itself on purpose, so that tests can see what a notification that crashes the daemon does.
/// A release build has none of it.
enum Failpoint {
    #if DEBUG
        private static let crashOn = ProcessInfo.processInfo.environment["CTID_CRASH_ON"].map { Array($0.utf8) }
    #endif

    /// Crashes where the notification contains the text of `CTID_CRASH_ON`.
    @inline(__always)
    static func handling(_ notification: UnsafeRawBufferPointer) {
        #if DEBUG
            guard let crashOn, !crashOn.isEmpty, notification.count >= crashOn.count else { return }
            for start in 0...(notification.count - crashOn.count)
            where notification[start..<start + crashOn.count].elementsEqual(crashOn) {
                fatalError("CTID_CRASH_ON")
            }
        #endif
    }
}
