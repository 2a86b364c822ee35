extension String {
    /// For a terminal: what a PBX or a caller wrote cannot move the cursor, colour the text or turn its direction.
    var printable: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.isPrintable ? $0 : "\u{FFFD}" }))
    }

    /// At most so many characters, the last of them an ellipsis where some were left out.
    func shortened(to length: Int) -> String {
        guard dropFirst(length).isEmpty else { return prefix(length - 1) + "…" }
        return self
    }

    /// Filled up with spaces.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    var quoted: String { "\"\(printable)\"" }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}

/// Lines of cells, each column as wide as its widest cell; the last one is not filled up.
struct TextTable {
    private var rows: [[String]]

    init(header: [String]) { rows = [header] }

    mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }

    var lines: [String] {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let filled = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            return String(filled.reversed().drop { $0 == " " }.reversed())
        }
    }
}
