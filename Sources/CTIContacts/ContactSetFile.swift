import CTICore
import Foundation

/// Writes a set of contacts as our own JSON lines, beside its place, and puts it there in one step.
///
/// Whoever reads the place sees the old set or the new one, never a part. Dropped without ``commit()`` it leaves nothing.
public final class ContactSetFile {
    private let path: String
    private let draft: String
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var failure: ContactFileError?
    private var isCommitted = false

    public init(replacing path: String) throws(ContactFileError) {
        self.path = path
        draft = "\(path).new-\(getpid())-\(UUID().uuidString.prefix(8))"
        descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw Self.failure() }
        // A command that an administrator runs must not leave what the daemon cannot read.
        var folder = stat()
        let parent = (path as NSString).deletingLastPathComponent
        if geteuid() == 0, stat(parent, &folder) == 0 { _ = fchown(descriptor, folder.st_uid, folder.st_gid) }
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(draft) }
    }

    /// A disk that is full is told by ``commit()``.
    public func append(_ record: ContactRecord) {
        var json = JSONWriter(capacity: 512)
        record.write(to: &json)
        pending += json.bytes
        pending.append(0x0A)
        if pending.count > 1 << 16 { flush() }
    }

    /// Comes back when the set is in its place, also after a loss of power.
    public func commit() throws(ContactFileError) {
        flush()
        if let failure { throw failure }
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw Self.failure() }
        isCommitted = true
    }

    private func flush() {
        var rest = pending[...]
        while !rest.isEmpty, failure == nil {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { failure = Self.failure() }
            rest = rest.dropFirst(max(0, count))
        }
        pending.removeAll(keepingCapacity: true)
    }

    private static func failure() -> ContactFileError {
        ContactFileError(.unreadable, "it cannot be written: \(String(cString: strerror(errno)))")
    }
}
