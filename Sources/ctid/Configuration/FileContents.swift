import Foundation

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

    /// Links are followed: orchestrators mount secrets as links.
    init(path: String, most: Int) throws(Problem) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        do {
            // Asked before it is opened, since opening a pipe would wait for its other end.
            let attributes = try FileManager.default.attributesOfItem(atPath: target.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { throw Problem.notAFile }
            mode = (attributes[.posixPermissions] as? NSNumber)?.uint32Value ?? 0o777
            // One byte more than is allowed tells a file that is too large from one that just fits.
            let handle = try FileHandle(forReadingFrom: target)
            defer { try? handle.close() }
            bytes = Array(try handle.read(upToCount: most + 1) ?? Data())
        } catch {
            throw Problem(error)
        }
        if bytes.count > most { throw .tooLarge(most: most) }
    }
}

extension FileContents.Problem {
    fileprivate init(_ error: any Error) {
        switch error {
        case let problem as Self: self = problem
        case let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile:
            self = .missing
        case let error as CocoaError where error.code == .fileReadNoPermission:
            self = .unreadable(reason: "permission denied")
        default: self = .unreadable(reason: "the system refuses it")
        }
    }
}
