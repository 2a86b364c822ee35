import CoreFoundation
import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads a whole, small, regular file, and says whether others may read it, too.
struct FileContents {
    enum Problem: Error, Hashable {
        case missing
        case unreadable(reason: String)
        case notAFile
        case tooLarge(most: Int)

        /// To follow the file's name.
        var text: String {
            switch self {
            case .missing: "is not there"
            case .unreadable(let reason): "cannot be read (\(reason))"
            case .notAFile: "is not a regular file"
            case .tooLarge(let most): "is larger than \(ByteSize(bytes: most))"
            }
        }
    }

    let bytes: [UInt8]
    /// The permission bits alone.
    let mode: UInt32

    var isReadableByOthers: Bool { mode & 0o044 != 0 }

    /// Everything is asked of the open file, so that it is one and the same which is judged and read.
    init(path: String, most: Int) throws(Problem) {
        // Without waiting: opening a pipe would.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(reason: String(cString: strerror(errno)))
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_size <= most else { throw .tooLarge(most: most) }
        do {
            bytes = Array(try handle.read(upToCount: most) ?? Data())
        } catch {
            throw .unreadable(reason: String(cString: strerror(errno)))
        }
        mode = UInt32(status.st_mode & 0o777)
    }
}
