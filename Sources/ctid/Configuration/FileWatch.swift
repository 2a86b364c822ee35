import CFileLook
import Foundation

/// How a file looked: another look tells whether it was changed, replaced, or given other permissions.
struct FileSignature: Hashable, Sendable {
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// Changed so lately that another change might not show.
    var isFresh: Bool { Int64(Date().timeIntervalSince1970) - seconds < 2 }

    /// `nil` where there is no such file.
    init?(path: String) {
        var look = ctid_file_look()
        guard ctid_look_at(path, &look) == 0 else { return nil }
        (inode, size) = (look.inode, look.size)
        (seconds, nanoseconds) = (look.seconds, look.nanoseconds)
    }
}

/// Decides when changed files are read: not while somebody still writes them.
///
/// A look a second or so; what has changed is read when it looks the same twice, or at the third look in any case, so that
/// a file that is written without a pause is read, too.
struct FileWatch: Sendable {
    typealias Look = [String: FileSignature]

    private static let patience = 3

    private var read: Look
    private var last: Look
    private var changedLooks = 0

    init(read: Look) {
        self.read = read
        last = read
    }

    /// True where the files are to be read now; whoever asks then tells ``wasRead(_:)``.
    mutating func isDue(_ look: Look) -> Bool {
        defer { last = look }
        guard look != read else {
            changedLooks = 0
            return false
        }
        changedLooks += 1
        return look == last || changedLooks >= Self.patience
    }

    /// Whether this is how they looked when they were read.
    func hasRead(_ look: Look) -> Bool { look == read }

    /// - Parameter look: taken before the reading began, so that a change in the midst of it is seen as one.
    mutating func wasRead(_ look: Look) {
        (read, changedLooks) = (look, 0)
    }
}

extension FileWatch.Look {
    /// How these files are now; those that are not there are left out.
    init(at paths: some Sequence<String>) {
        self = [:]
        for path in paths { self[path] = FileSignature(path: path) }
    }
}
