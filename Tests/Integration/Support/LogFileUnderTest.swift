import Foundation
import GRDB
import Synchronization

/// A tenant's event log, looked at, held up and damaged from beside the daemon.
struct LogFileUnderTest: Sendable {
    let path: String

    init(folder: String, tenant: String = "acme") { path = "\(folder)/data/\(tenant).sqlite" }

    /// As they are stored.
    enum Kind: Int {
        case call = 1
        case pop = 2
        case missed = 4
    }

    /// How many entries of this kind each call has.
    func entries(_ kind: Kind) throws -> [String: Int] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let sql = "SELECT ref, count(*) FROM entries WHERE kind = \(kind.rawValue) AND ref IS NOT NULL GROUP BY ref"
        let rows = try opened().read { try Row.fetchAll($0, sql: sql) }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }

    /// How many calls are recorded.
    func calls() throws -> Int {
        let sql = "SELECT count(*) FROM entries WHERE kind = \(Kind.call.rawValue)"
        return try opened().read { try Int.fetchOne($0, sql: sql) } ?? 0
    }

    private func opened() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Until it is released nobody can write the log: as a backup program that does not let go.
    func lock() throws -> Lock { try Lock(path: path) }

    final class Lock: Sendable {
        private let queue: DatabaseQueue

        fileprivate init(path: String) throws {
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            configuration.busyMode = .timeout(5)
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        }

        func release() throws {
            try queue.inDatabase { try $0.execute(sql: "ROLLBACK") }
            try queue.close()
        }
    }

    /// Writes nonsense over the middle third of it; head and tail are left whole.
    func damage() throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: size / 3)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size / 3)))
        try file.close()
    }
}
