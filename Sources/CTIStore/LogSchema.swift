import CTICore
import CTIPipeline
import GRDB

/// The tables of a log's file, and the check that a file is one.
///
///     entries   one row an entry; the row id is the position
///     span      one row: what `entries` no longer tells once it has been trimmed
///     marks     small named values
enum LogSchema {
    /// `PRAGMA user_version` of the files written here. A file with a higher one is left alone.
    static let version: Int64 = 1
    /// `PRAGMA application_id`: "ctid".
    static let applicationID: Int64 = 0x6374_6964

    /// Call references are random: an index by them alone would have every insert change another page, and twice that
    /// much be written than the entries themselves. Ordered by chapters of 4,096 entries first, the inserts stay within
    /// few pages (2.5 times as fast, measured), and a look-up asks one chapter after the other, at a microsecond each.
    static let chapter = "position >> 12"

    /// Every call event pays for an index at each insert: two serve the ways to read, the partial ones cost what is rare.
    private static let statements = [
        """
        CREATE TABLE entries (
            position INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            agent TEXT,
            ref TEXT,
            at INTEGER NOT NULL,
            held INTEGER NOT NULL,
            data BLOB NOT NULL,
            raw BLOB,
            trace BLOB
        ) STRICT
        """,
        "CREATE INDEX entries_by_agent ON entries(agent) WHERE kind <= 4",
        "CREATE INDEX entries_by_ref ON entries(\(chapter), ref, kind) WHERE ref IS NOT NULL",
        "CREATE INDEX entries_by_kind ON entries(kind) WHERE kind >= 6",
        "CREATE INDEX entries_held ON entries(agent) WHERE held = 1",
        """
        CREATE TABLE span (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            oldest INTEGER NOT NULL,
            newest INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE TABLE marks (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
    ]

    /// Makes the tables in an empty file; `start` is the last position that counts as given away.
    static func create(in db: Database, startingAfter start: Position) throws {
        for statement in statements { try db.execute(sql: statement) }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(version)")
        try LogSpan(bounds: LogBounds(oldest: Position(start.rawValue + 1), newest: start)).store(in: db)
    }

    /// Whether the file is an empty one. Throws where it is neither empty nor a log that this version can read.
    static func isEmpty(_ db: Database) throws -> Bool {
        let found = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let tables = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if tables == 0, found == 0 { return true }
        guard application == applicationID else {
            throw EventLogError(.failed, "the file is a database, but not an event log")
        }
        guard found <= version else {
            throw EventLogError(.failed, "the file is of schema \(found), newer than \(version), the newest known here")
        }
        return false
    }
}

/// The bounds of a log, as its file tells them.
struct LogSpan {
    var bounds: LogBounds

    init(bounds: LogBounds) { self.bounds = bounds }

    /// `span` is written when entries are removed, never when they are added: the newest entry tells the rest.
    init(reading db: Database) throws {
        let sql = "SELECT oldest, max(newest, ifnull((SELECT max(position) FROM entries), 0)) FROM span"
        bounds = try db.withStatement(sql) { row in
            guard try row.step() else { throw EventLogError(.corrupt, "the log has lost its span") }
            return LogBounds(oldest: Position(row.int64(0)), newest: Position(row.int64(1)))
        }
    }

    func store(in db: Database) throws {
        try db.withStatement("INSERT OR REPLACE INTO span (id, oldest, newest) VALUES (1, ?, ?)") { row in
            try row.bind(bounds.oldest.rawValue, at: 1)
            try row.bind(bounds.newest.rawValue, at: 2)
            while try row.step() {}
        }
    }
}
