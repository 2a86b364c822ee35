import CoreFoundation
import Foundation

/// Whether systemd's journal reads what we write: it names its stream in `$JOURNAL_STREAM`, which a program that we were
/// started by may have left there although it reads us itself.
enum JournalStream {
    static let isStandardError = isJournal(
        STDERR_FILENO, named: ProcessInfo.processInfo.environment["JOURNAL_STREAM"])

    /// - Parameter name: device and inode, as `8:12345`.
    static func isJournal(_ descriptor: Int32, named name: String?) -> Bool {
        var status = stat()
        guard let name, fstat(descriptor, &status) == 0 else { return false }
        return name == "\(status.st_dev):\(status.st_ino)"
    }
}
