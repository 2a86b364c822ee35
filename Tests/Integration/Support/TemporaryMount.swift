import Foundation

/// A small file system of its own, which can really be full.
struct TemporaryMount: Sendable {
    let path: String

    /// Only root may, and not in every container.
    static let isPossible: Bool = {
        guard let folder = try? TemporaryFolder.make() else { return false }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        guard run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder) else { return false }
        return run("/usr/bin/umount", folder)
    }()

    init(at path: String, size: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard Self.run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path) else {
            throw Timeout(what: "a file system to be mounted")
        }
    }

    private var filler: String { "\(path)/filler" }

    /// Writes until there is no room for another byte.
    func fill() throws {
        guard let file = fopen(filler, "w") else { throw Timeout(what: "a file to be made") }
        setvbuf(file, nil, _IONBF, 0)
        let block = [UInt8](repeating: 0, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count {}
        fclose(file)
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: filler) }

    func unmount() { _ = Self.run("/usr/bin/umount", "-l", path) }

    private static func run(_ program: String, _ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.runWithSignals()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
