import CTIPipeline
import GRDB
import GRDBSQLite

extension EventLogError {
    /// Names SQLite's result in its own fixed words; the statement and its values never get into an error.
    init(resultCode: CInt) {
        self.init(
            Self.code(primary: resultCode & 0xFF),
            "SQLite \(resultCode): \(String(cString: sqlite3_errstr(resultCode)))")
    }

    init(_ error: any Error) {
        switch error {
        case let error as EventLogError: self = error
        case let error as DatabaseError: self.init(resultCode: error.extendedResultCode.rawValue)
        default: self.init(.failed, "unexpected \(type(of: error))")
        }
    }

    private static func code(primary: CInt) -> Code {
        switch primary {
        case SQLITE_FULL: .full
        case SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: .unwritable
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        default: .failed
        }
    }
}
