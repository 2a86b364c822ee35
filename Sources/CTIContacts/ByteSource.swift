import Foundation

/// Where the bytes of a contact file come from.
protocol ByteSource: AnyObject {
    /// Empty at the end, and only there.
    func read(upTo count: Int) throws(ContactFileError) -> [UInt8]
}

/// Bytes that are in memory already.
final class MemorySource: ByteSource {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(upTo count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

/// A file, or what a pipe gives.
final class FileSource: ByteSource {
    private let descriptor: Int32
    private let isOurs: Bool
    private let size: Int
    private var bytesRead = 0
    private let progress: (Double) -> Void

    /// - Parameters:
    ///   - path: `-` is standard input.
    ///   - progress: how much of the file was read, 0 to 1; never called for a pipe.
    init(path: String, progress: @escaping (Double) -> Void) throws(ContactFileError) {
        isOurs = path != "-"
        descriptor = isOurs ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else { throw Self.failure() }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure() }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw ContactFileError(.unreadable, "it is a folder, expected a file")
        }
        size = Int(status.st_size)
        self.progress = progress
    }

    deinit {
        if isOurs, descriptor >= 0 { close(descriptor) }
    }

    func read(upTo count: Int) throws(ContactFileError) -> [UInt8] {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            repeat {
                result = Foundation.read(descriptor, buffer.baseAddress, count)
            } while result < 0 && errno == EINTR
            filled = max(0, result)
        }
        guard result >= 0 else { throw Self.failure() }
        bytesRead += result
        if size > 0 { progress(min(1, Double(bytesRead) / Double(size))) }
        return bytes
    }

    private static func failure() -> ContactFileError {
        ContactFileError(.unreadable, String(cString: strerror(errno)))
    }
}
