public import CTIPipeline
import Foundation
import Synchronization

/// One moment, in milliseconds since 1970, that outlives a killed process: the last time that a list was seen empty.
///
/// It is written often, so it costs one call to the system, 16 bytes at the start of a file of its own, and no sync:
/// after a power failure it may be older than the truth or missing, which makes events look older, never fresher. Which
/// list it was is written, too: that another one was empty says nothing of what waits in this one.
public final class WatermarkFile: Sendable {
    private let descriptor: CInt
    /// Of the list's name.
    private let mark: Int64
    private let latest: Mutex<Int64?>

    /// Opens the file, or makes it; the folder must be there.
    ///
    /// - Parameter list: the server's address, the database and the key.
    public init(path: String, list: String) throws(EventLogError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        latest = Mutex(nil)
        mark = Self.mark(of: list)
        guard descriptor >= 0 else { throw Self.failure("open") }
        let stored = Self.read(descriptor, mark: mark)
        latest.withLock { $0 = stored }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The last moment stored; `nil` where there is none, or the file was left half-written.
    public var value: Int64? { latest.withLock { $0 } }

    public func store(_ value: Int64) throws(EventLogError) {
        var words = [value.littleEndian, mark.littleEndian]
        let written = latest.withLock { latest in
            let written = pwrite(descriptor, &words, Self.size, 0)
            if written == Self.size { latest = value }
            return written
        }
        guard written == Self.size else { throw Self.failure("write") }
    }

    private static let size = 2 * MemoryLayout<Int64>.size

    /// FNV-1a: the same in every process.
    private static func mark(of list: String) -> Int64 {
        let hash = list.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }

    /// Zeros are what a file system leaves of a write that it never finished, and no moment of ours.
    private static func read(_ descriptor: CInt, mark: Int64) -> Int64? {
        var words: [Int64] = [0, 0]
        guard pread(descriptor, &words, size, 0) == size, Int64(littleEndian: words[1]) == mark else { return nil }
        let value = Int64(littleEndian: words[0])
        return value > 0 ? value : nil
    }

    private static func failure(_ step: String) -> EventLogError {
        EventLogError(errno == ENOSPC ? .full : .unwritable, "watermark \(step): \(String(cString: strerror(errno)))")
    }
}
