import CTICore
import CTIPipeline
import GRDB

/// The questions that a log answers, for the process that writes it and for those beside it.
///
/// Each names its index: a question that would have to scan the table fails in the tests, and is not slow in production.
enum LogReading {
    private static let columns = "position, kind, agent, ref, at, held, data, raw, trace"
    private static let select = "SELECT \(columns) FROM entries"
    /// A later version may have written kinds that are not known here, before somebody went back to this one.
    private static let known = "kind <= \(LogEntry.Kind.allCases.map(\.rawValue).max() ?? 0)"

    /// The chapters from position `?2` to the end, see ``LogSchema/chapter``; the cross join makes them the outer loop.
    private static let chapters = """
        WITH RECURSIVE chapters(chapter) AS (
            SELECT max(?2, (SELECT min(position) FROM entries)) >> 12
            UNION ALL
            SELECT chapter + 1 FROM chapters WHERE chapter < (SELECT max(position) FROM entries) >> 12
        )
        """

    static func entries(_ selection: LogSelection, after position: Position?, limit: Int, in db: Database) throws
        -> [RecordedEntry]
    {
        let (source, key) = source(of: selection)
        let sql = "\(source) AND \(known) AND position > ?2 ORDER BY position LIMIT ?3"
        return try db.withStatement(sql) { rows in
            switch key {
            case .text(let text): try rows.bind(text, at: 1)
            case .number(let number): try rows.bind(number, at: 1)
            }
            try rows.bind(position?.rawValue ?? -1, at: 2)
            try rows.bind(Int64(max(0, limit)), at: 3)
            return try recorded(rows)
        }
    }

    private enum Key {
        case text(String)
        case number(Int64)
    }

    private static func source(of selection: LogSelection) -> (String, Key) {
        switch selection {
        case .agentFrames(let agent):
            ("\(select) INDEXED BY entries_by_agent WHERE agent = ?1 AND kind <= 4", .text(agent.rawValue))
        case .call(let ref):
            (
                "\(chapters) SELECT \(columns) FROM chapters CROSS JOIN entries INDEXED BY entries_by_ref WHERE \(LogSchema.chapter) = chapter AND ref = ?1",
                .text(ref.rawValue)
            )
        case .realtime:
            source(of: .kind(.realtime))
        case .kind(let kind) where kind.rawValue >= 6:
            ("\(select) INDEXED BY entries_by_kind WHERE kind = ?1 AND kind >= 6", .number(kind.rawValue))
        case .kind(let kind):
            ("\(select) NOT INDEXED WHERE kind = ?1", .number(kind.rawValue))
        case .everything:
            // Nothing about positions: of two bounds SQLite takes the first, and walks from there to the second.
            ("\(select) NOT INDEXED WHERE ?1 IS NOT NULL", .number(-1))
        }
    }

    /// The newest entry of a call is the first one met on the way back. On a later page, a call that has an entry on
    /// an earlier one was told there, and is not told again.
    static func recentCalls(before position: Position?, limit: Int, in db: Database) throws -> [RecordedEntry] {
        let sql = """
            \(select) NOT INDEXED WHERE kind = 1 AND ref IS NOT NULL AND position < ? ORDER BY position DESC
            """
        var seen: Set<CallRef> = []
        var page: [RecordedEntry] = []
        try db.withStatement(sql) { rows in
            try rows.bind(position?.rawValue ?? Int64.max, at: 1)
            while page.count < limit, try rows.step() {
                guard let ref = rows.text(3).map({ CallRef($0) }), seen.insert(ref).inserted else { continue }
                if let position, try hasEntry(ref, from: position, in: db) { continue }
                page.append(try recordedEntry(rows))
            }
        }
        return page
    }

    /// Whether a `call` entry of `ref` is at `position` or after it.
    private static func hasEntry(_ ref: CallRef, from position: Position, in db: Database) throws -> Bool {
        let sql = """
            \(chapters) SELECT 1 FROM chapters CROSS JOIN entries INDEXED BY entries_by_ref
            WHERE \(LogSchema.chapter) = chapter AND ref = ?1 AND kind = 1 AND position >= ?2 LIMIT 1
            """
        return try db.withStatement(sql) { row in
            try row.bind(ref.rawValue, at: 1)
            try row.bind(position.rawValue, at: 2)
            return try row.step()
        }
    }

    static func held(agent: Extension, in db: Database) throws -> [RecordedEntry] {
        let sql = """
            \(select) INDEXED BY entries_held WHERE agent = ? AND held = 1 ORDER BY position
            """
        return try db.withStatement(sql) { rows in
            try rows.bind(agent.rawValue, at: 1)
            return try recorded(rows)
        }
    }

    static func mark(_ name: String, in db: Database) throws -> [UInt8]? {
        try db.withStatement("SELECT value FROM marks WHERE name = ?") { row in
            try row.bind(name, at: 1)
            return try row.step() ? row.bytes(0) : nil
        }
    }

    /// The position of the entry `count` places after `first`, or of the last where there are not so many.
    static func position(_ count: Int, from first: Int64, in db: Database) throws -> Int64? {
        let sql = """
            SELECT max(position) FROM (SELECT position FROM entries WHERE position >= ? ORDER BY position LIMIT ?)
            """
        return try db.withStatement(sql) { row in
            try row.bind(first, at: 1)
            try row.bind(Int64(count), at: 2)
            return try row.step() && !row.isNull(0) ? row.int64(0) : nil
        }
    }

    private static func recorded(_ rows: borrowing LogStatement) throws -> [RecordedEntry] {
        var result: [RecordedEntry] = []
        while try rows.step() { result.append(try recordedEntry(rows)) }
        return result
    }

    private static func recordedEntry(_ row: borrowing LogStatement) throws -> RecordedEntry {
        guard let kind = LogEntry.Kind(rawValue: row.int64(1)) else {
            throw EventLogError(.corrupt, "an entry of unknown kind")
        }
        let entry = LogEntry(
            kind: kind, agent: row.text(2).map { Extension($0) }, ref: row.text(3).map { CallRef($0) },
            at: Timestamp(milliseconds: row.int64(4)), data: row.bytes(6) ?? [], raw: row.bytes(7),
            trace: row.bytes(8), held: row.int64(5) != 0)
        return RecordedEntry(position: Position(row.int64(0)), entry: entry)
    }
}
