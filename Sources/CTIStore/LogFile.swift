import CTICore
import CTIPipeline
import Foundation
import GRDB

/// One open connection to a log's file. Its calls block: only a ``LogExecutor`` makes them.
struct LogFile: Sendable {
    private let queue: DatabaseQueue

    /// How long a commit of another process beside this one is waited for, in seconds; its own take a millisecond.
    private static let patience: TimeInterval = 5

    /// Opens the file to write, and makes it where there is none.
    init(path: String, durability: LogDurability, startingAfter start: Position) throws {
        Self.createPrivately(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(Self.patience)
        configuration.foreignKeysEnabled = false
        configuration.label = "ctid-log"
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try Self.prepare(db, durability: durability, startingAfter: start)
        }
    }

    /// Opens the file to read, beside the process that writes it. Creates nothing where there is none.
    init(readingPath path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw EventLogError(.failed, "there is no event log here")
        }
        do {
            try self.init(reading: path)
        } catch let error where EventLogError(error).code == .unwritable && !Self.hasJournal(path) {
            // A reader, too, needs the shared-memory file, and may not be allowed to make it. Without a journal nobody
            // is writing, so the file can be read for what it is.
            let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
            try self.init(reading: "file:\(escaped)?immutable=1")
        }
    }

    private init(reading name: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.patience)
        queue = try DatabaseQueue(path: name, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            guard try !LogSchema.isEmpty(db) else { throw EventLogError(.failed, "the event log is empty") }
            try Self.touch(db)
        }
    }

    func access<Value>(_ body: (Database) throws -> Value) throws(EventLogError) -> Value {
        do {
            return try queue.writeWithoutTransaction(body)
        } catch {
            throw EventLogError(error)
        }
    }

    /// Everything that a log throws, as its own error.
    static func result<Value>(_ body: () throws -> Value) -> Result<Value, EventLogError> {
        Result(catching: body).mapError { EventLogError($0) }
    }

    /// Moves all of the journal into the file, if nobody else is using it.
    func close() throws(EventLogError) {
        do { try queue.close() } catch { throw EventLogError(error) }
    }

    /// Nothing is written before it is clear that the file is ours.
    private static func prepare(_ db: Database, durability: LogDurability, startingAfter start: Position) throws {
        _ = try LogSchema.isEmpty(db)
        try db.execute(sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: durability.pragma)
        // Checkpoints come when the waiting appends have been answered, see CheckpointSchedule.
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        try db.execute(sql: "PRAGMA journal_size_limit = 4194304")
        try db.atomically {
            if try LogSchema.isEmpty(db) { try LogSchema.create(in: db, startingAfter: start) }
        }
        try touch(db)
    }

    /// Reads both ends of the table and of its indices: a file cut short or overwritten shows here, not at the first call.
    private static func touch(_ db: Database) throws {
        _ = try LogSpan(reading: db)
        for end in ["ASC", "DESC"] {
            try db.run("SELECT * FROM entries ORDER BY position \(end) LIMIT 1")
            try db.run(
                "SELECT agent FROM entries INDEXED BY entries_by_agent WHERE kind <= 4 ORDER BY agent \(end) LIMIT 1")
            try db.run(
                """
                SELECT ref FROM entries INDEXED BY entries_by_ref
                WHERE ref IS NOT NULL ORDER BY \(LogSchema.chapter) \(end) LIMIT 1
                """)
        }
    }

    /// SQLite would let everybody on the machine read what callers' numbers are in it. Failure shows when it opens it.
    private static func createPrivately(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        if descriptor >= 0 { _ = Foundation.close(descriptor) }
    }

    private static func hasJournal(_ path: String) -> Bool {
        let size = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        return (size ?? 0) > 0
    }
}
