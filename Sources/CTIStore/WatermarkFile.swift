public import CTIPipeline
import Foundation
import Synchronization

/// One moment, in milliseconds since 1970, that outlives a killed process: the last time that a list was seen empty.
///
/// It is written often, so it costs one call to the system, 8 bytes at the start of a file of its own, and no sync:
/// after a power failure it may be older than the truth or missing, which makes events look older, never fresher.
public final class WatermarkFile: Sendable {
    private let descriptor: CInt
    private let latest: Mutex<Int64?>

    /// Opens the file, or makes it; the folder must be there.
    public init(path: String) throws(EventLogError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        latest = Mutex(nil)
        guard descriptor >= 0 else { throw Self.failure("open") }
        let stored = Self.read(descriptor)
        latest.withLock { $0 = stored }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The last moment stored; `nil` where there is none, or the file was left half-written.
    public var value: Int64? { latest.withLock { $0 } }

    public func store(_ value: Int64) throws(EventLogError) {
        var bytes = value.littleEndian
        let written = latest.withLock { latest in
            let written = pwrite(descriptor, &bytes, MemoryLayout<Int64>.size, 0)
            if written == MemoryLayout<Int64>.size { latest = value }
            return written
        }
        guard written == MemoryLayout<Int64>.size else { throw Self.failure("write") }
    }

    /// Zeros are what a file system leaves of a write that it never finished, and no moment of ours.
    private static func read(_ descriptor: CInt) -> Int64? {
        var bytes: Int64 = 0
        guard pread(descriptor, &bytes, MemoryLayout<Int64>.size, 0) == MemoryLayout<Int64>.size else { return nil }
        let value = Int64(littleEndian: bytes)
        return value > 0 ? value : nil
    }

    private static func failure(_ step: String) -> EventLogError {
        EventLogError(errno == ENOSPC ? .full : .unwritable, "watermark \(step): \(String(cString: strerror(errno)))")
    }
}
