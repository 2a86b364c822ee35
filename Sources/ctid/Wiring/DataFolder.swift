import Foundation

/// The folder of the event logs, ours alone as long as this value is held.
///
/// Two daemons on one folder would write into each other's logs. The lock is the kernel's: it goes with the process,
/// however that ends, and leaves nothing to clean up. Commands that read beside the daemon do not take it.
final class DataFolder: Sendable {
    private let lock: Int32

    /// Makes the folder where it is not there.
    init(_ path: String) throws(StartFailure) {
        try Self.make(path)
        let file = "\(path)/ctid.lock"
        lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard lock >= 0 else {
            throw StartFailure("\(file) cannot be opened: \(String(cString: strerror(errno)))", mayPass: true)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(lock)
            close(lock)
            guard code == EWOULDBLOCK else {
                throw StartFailure("\(file) cannot be locked: \(String(cString: strerror(code)))")
            }
            throw StartFailure("another ctid (\(holder)) already runs on \(path): give each a data_dir of its own")
        }
        signHolder()
    }

    deinit { close(lock) }

    private static func make(_ path: String) throws(StartFailure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        } catch {
            throw StartFailure("data_dir \(path) cannot be made: \(error.localizedDescription)", mayPass: true)
        }
        guard access(path, W_OK) == 0 else {
            throw StartFailure("data_dir \(path) cannot be written by this user", mayPass: true)
        }
    }

    /// For the message of the next one who tries; on a full disk it is missing.
    private func signHolder() {
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(lock, 0)
        _ = pwrite(lock, text, text.count, 0)
    }

    private static func holder(_ lock: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(lock, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return Int32(text.prefix(while: \.isNumber)).map { "pid \($0)" } ?? "of unknown pid"
    }
}
