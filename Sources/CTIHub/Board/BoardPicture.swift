import CTICore

/// All that a board shows at one moment, as rows of JSON by their keys, so that two moments can be compared. Pure.
///
///     snapshot   {"at":…,"tables":{"calls":[row…],…},"figures":{"pops":…,…}}
///     delta      {"at":…,"tables":{"calls":{"set":[row…],"gone":[key…]}},"figures":{…}}     only what differs
struct BoardPicture: Sendable {
    /// A table's rows in their order, each a JSON object; the key is one of its members.
    struct Table: Sendable {
        private(set) var keys: [String] = []
        private(set) var rows: [String: [UInt8]] = [:]

        mutating func add(_ key: String, _ members: (inout JSONWriter) -> Void) {
            var json = JSONWriter(capacity: 192)
            json.object(members)
            if rows.updateValue(json.bytes, forKey: key) == nil { keys.append(key) }
        }
    }

    var at: Timestamp
    private(set) var tables: [(name: String, table: Table)] = []
    private(set) var figures: [(name: String, json: [UInt8])] = []

    init(at: Timestamp) { self.at = at }

    mutating func add(_ name: String, _ table: Table) { tables.append((name, table)) }

    mutating func addFigure(_ name: String, _ members: (inout JSONWriter) -> Void) {
        var json = JSONWriter(capacity: 128)
        json.object(members)
        figures.append((name, json.bytes))
    }

    /// Everything.
    var snapshot: [UInt8] {
        var json = JSONWriter(capacity: 1 << 16)
        json.object {
            $0.member("at", at.milliseconds)
            $0.member(
                "tables",
                object: { json in
                    for (name, table) in tables {
                        json.member(name, array: { list in for key in table.keys { list.raw(table.rows[key] ?? []) } })
                    }
                })
            $0.member("figures", object: { json in for (name, figure) in figures { json.member(name, json: figure) } })
        }
        return json.bytes
    }

    /// What differs from `former`; `nil` where nothing does. Both have the same tables and figures.
    func delta(since former: BoardPicture) -> [UInt8]? {
        let changes = zip(tables, former.tables).map { ($0.name, $0.table.changes(since: $1.table)) }
        let changed = zip(figures, former.figures).filter { $0.json != $1.json }.map(\.0)
        guard !changed.isEmpty || changes.contains(where: { !$1.isEmpty }) else { return nil }
        var json = JSONWriter(capacity: 4096)
        json.object {
            $0.member("at", at.milliseconds)
            $0.member(
                "tables",
                object: { json in
                    for (name, change) in changes where !change.isEmpty { json.member(name, object: change.write) }
                })
            $0.member("figures", object: { json in for (name, figure) in changed { json.member(name, json: figure) } })
        }
        return json.bytes
    }
}

extension BoardPicture {
    struct Changes {
        var rows: [[UInt8]] = []
        var gone: [String] = []
        var isEmpty: Bool { rows.isEmpty && gone.isEmpty }

        func write(to json: inout JSONWriter) {
            json.member("set", array: { list in for row in rows { list.raw(row) } })
            json.member("gone", array: { list in for key in gone { list.value(key) } })
        }
    }
}

extension BoardPicture.Table {
    func changes(since former: Self) -> BoardPicture.Changes {
        var changes = BoardPicture.Changes()
        for key in keys {
            if let row = rows[key], row != former.rows[key] { changes.rows.append(row) }
        }
        changes.gone = former.keys.filter { rows[$0] == nil }
        return changes
    }
}

extension JSONWriter {
    /// Milliseconds since 1970: a page computes with them.
    mutating func member(_ name: String, milliseconds moment: Timestamp?) {
        member(name, number: moment.map { String($0.milliseconds) })
    }
}
