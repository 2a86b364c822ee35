import CTICore
import CTIPipeline
import GRDB

/// The statements that change a log. Each leaves the transaction to its caller.
enum LogWriting {
    /// Inserts `entries` at `first` and the positions after it.
    static func insert(_ entries: [LogEntry], at first: Int64, in db: Database) throws {
        let sql = """
            INSERT INTO entries (position, kind, agent, ref, at, held, data, raw, trace) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try db.withStatement(sql) { row in
            var position = first
            for entry in entries {
                try bind(entry, at: position, to: row)
                while try row.step() {}
                row.reset()
                position += 1
            }
        }
        let handedOver = entries.compactMap(\.handsOver)
        if !handedOver.isEmpty { try release(handedOver, in: db) }
    }

    /// Binds all of the parameters, so that none is left over from the row before.
    private static func bind(_ entry: LogEntry, at position: Int64, to row: borrowing LogStatement) throws {
        try row.bind(position, at: 1)
        try row.bind(entry.kind.rawValue, at: 2)
        try row.bind(entry.agent?.rawValue, at: 3)
        try row.bind(entry.ref?.rawValue, at: 4)
        try row.bind(entry.at.milliseconds, at: 5)
        try row.bind(entry.held ? 1 : 0, at: 6)
        try row.bind(entry.data, at: 7)
        try row.bind(entry.raw, at: 8)
        try row.bind(entry.trace, at: 9)
    }

    static func release(_ positions: [Position], in db: Database) throws {
        try db.withStatement("UPDATE entries SET held = 0 WHERE position = ?") { row in
            for position in positions {
                try row.bind(position.rawValue, at: 1)
                while try row.step() {}
                row.reset()
            }
        }
    }

    static func setMark(_ name: String, _ value: [UInt8]?, in db: Database) throws {
        let sql = "INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)"
        try db.withStatement(value == nil ? "DELETE FROM marks WHERE name = ?" : sql) { row in
            try row.bind(name, at: 1)
            if let value { try row.bind(value, at: 2) }
            while try row.step() {}
        }
    }

    /// Removes what is older than `moment` among the entries of `range`.
    ///
    /// - Returns: how many went, and the highest position among them.
    static func remove(before moment: Timestamp, within range: ClosedRange<Int64>, in db: Database) throws
        -> (count: Int, highest: Int64)?
    {
        let condition = "WHERE position BETWEEN ? AND ? AND at < ?"
        let found = try db.withStatement("SELECT count(*), max(position) FROM entries \(condition)") { row in
            try bind(range, moment, to: row)
            return try row.step() && !row.isNull(1) ? (Int(row.int64(0)), row.int64(1)) : nil
        }
        guard let found else { return nil }
        try db.withStatement("DELETE FROM entries \(condition)") { row in
            try bind(range, moment, to: row)
            while try row.step() {}
        }
        return found
    }

    /// - Returns: those that were there, in the order given.
    static func removeDeadLetters(at positions: [Position], in db: Database) throws -> [Position] {
        let sql = "DELETE FROM entries WHERE position = ? AND kind = ? RETURNING position"
        return try db.withStatement(sql) { row in
            try positions.filter { position in
                try row.bind(position.rawValue, at: 1)
                try row.bind(LogEntry.Kind.deadLetter.rawValue, at: 2)
                defer { row.reset() }
                guard try row.step() else { return false }
                while try row.step() {}
                return true
            }
        }
    }

    private static func bind(_ range: ClosedRange<Int64>, _ moment: Timestamp, to row: borrowing LogStatement) throws {
        try row.bind(range.lowerBound, at: 1)
        try row.bind(range.upperBound, at: 2)
        try row.bind(moment.milliseconds, at: 3)
    }
}
