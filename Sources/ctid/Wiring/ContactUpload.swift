import CTIHub
import Foundation
import Synchronization

/// The body of an import on its way: a file beside the set that it is to replace, gone when this is dropped.
final class ContactUpload: Sendable {
    let path: String
    private let descriptor: Int32
    private let written = Mutex(0)

    /// Bytes so far.
    var count: Int { written.withLock { $0 } }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    static func begin(beside place: String) -> Result<ContactUpload, ContactRefusal> {
        let path = "\(place).upload-\(getpid())-\(UUID().uuidString.prefix(8))"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return .failure(failure()) }
        return .success(ContactUpload(path: path, descriptor: descriptor))
    }

    /// `nil` where all went well.
    func append(_ bytes: [UInt8]) -> ContactRefusal? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return Self.failure() }
            rest = rest.dropFirst(count)
        }
        written.withLock { $0 += bytes.count }
        return nil
    }

    private static func failure() -> ContactRefusal {
        .unavailable("The body cannot be kept: \(String(cString: strerror(errno))).")
    }
}
