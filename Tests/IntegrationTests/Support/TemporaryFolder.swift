import Foundation

/// A folder of its own for one test. Short, for the path of a Unix socket may have no more than 107 characters.
struct TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/ctid-test-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    /// Only for the owner's eyes, as secrets must be; folders on the way are made.
    @discardableResult
    func write(_ name: String, _ content: some DataProtocol) throws -> String {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        return file.path
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
