import CTIPipeline
import GRDB
import GRDBSQLite

/// A prepared statement, straight on SQLite's own calls: values are bound and read without boxes in between.
///
/// It comes from the connection's cache, and goes back there clean: see ``Database/withStatement(_:_:)``.
struct LogStatement: ~Copyable {
    /// SQLite copies what is bound, so nothing has to outlive the call.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private let handle: SQLiteStatement

    init(_ statement: Statement) { handle = statement.sqliteStatement }

    // MARK: Binding, from index 1

    func bind(_ value: Int64, at index: CInt) throws(EventLogError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ text: String?, at index: CInt) throws(EventLogError) {
        guard var text else { return try check(sqlite3_bind_null(handle, index)) }
        if text.isEmpty { return try check(sqlite3_bind_text(handle, index, "", 0, Self.copied)) }
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, index, $0.baseAddress, CInt($0.count), Self.copied)
            }
        }
        try check(code)
    }

    func bind(_ bytes: [UInt8]?, at index: CInt) throws(EventLogError) {
        guard let bytes else { return try check(sqlite3_bind_null(handle, index)) }
        // The address of an empty array may be null, which SQLite takes for NULL.
        if bytes.isEmpty { return try check(sqlite3_bind_zeroblob(handle, index, 0)) }
        try check(
            bytes.withUnsafeBytes { sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), Self.copied) })
    }

    // MARK: Stepping

    /// True where there is a row.
    func step() throws(EventLogError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw EventLogError(resultCode: code)
        }
    }

    func reset() {
        sqlite3_reset(handle)
    }

    func clear() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    // MARK: Reading, from column 0

    func int64(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

    func isNull(_ column: CInt) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func text(_ column: CInt) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    func bytes(_ column: CInt) -> [UInt8]? {
        if isNull(column) { return nil }
        // The address first, then the size: the other way round a conversion could move it.
        let address = sqlite3_column_blob(handle, column)
        return Array(UnsafeRawBufferPointer(start: address, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private func check(_ code: CInt) throws(EventLogError) {
        if code != SQLITE_OK { throw EventLogError(resultCode: code) }
    }
}

extension Database {
    /// Hands out the prepared statement of `sql`, and puts it back clean, whatever happens.
    func withStatement<Value>(_ sql: String, _ body: (borrowing LogStatement) throws -> Value) throws -> Value {
        let cached = try cachedStatement(sql: sql)
        let statement = LogStatement(cached)
        defer { withExtendedLifetime(cached) { statement.clear() } }
        return try body(statement)
    }

    /// Runs `sql`, which has no parameters, to its end.
    func run(_ sql: String) throws {
        try withStatement(sql) { while try $0.step() {} }
    }

    /// Changes when another connection commits, never by what this one does.
    func dataVersion() throws -> Int64 {
        try withStatement("PRAGMA data_version") { try $0.step() ? $0.int64(0) : 0 }
    }

    /// All or nothing. The write lock is taken at the start, so that no commit fails for want of it.
    func atomically<Value>(_ body: () throws -> Value) throws -> Value {
        try run("BEGIN IMMEDIATE")
        do {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            // SQLite has rolled back already after some errors, a full disk among them.
            if isInsideTransaction { try? run("ROLLBACK") }
            throw error
        }
    }
}
