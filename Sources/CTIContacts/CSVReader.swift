/// A table of contacts: its first row names the columns, fields may be quoted (RFC 4180), and the separator, a comma,
/// a semicolon, a tabulator or a bar, is the one that the first row has most of, or that Excel's `sep=` names.
///
/// A row goes on with the next line while a quote is open, up to ``longestRow`` bytes. Of a quote that is never closed
/// the first line alone is given up; reading goes on behind it.
struct CSVReader {
    static let longestRow = 1 << 20
    /// So often lines are read again after a quote that was not closed; then what it swallowed stays lost. Without a
    /// limit a file could be made that takes hours.
    private static let mostReturns = 100

    private let text: ContactText
    private let intake: ContactIntake
    private let columns: ContactColumns
    private var separator = UInt8(ascii: ",")
    private var row: CSVRow
    private var returns = 0

    init(_ text: ContactText, _ intake: ContactIntake, columns: ContactColumns) {
        self.text = text
        self.intake = intake
        self.columns = columns
        row = CSVRow(separator: separator)
    }

    func readContacts() throws(ContactFileError) {
        var table = self
        guard let header = try table.readHeader() else { return }
        while let line = table.nextRow() {
            if let problem = table.row.problem {
                intake.skip(line: line, problem)
                continue
            }
            let fields = table.row.fields
            if fields.allSatisfy(\.isEmpty) { continue }
            guard fields.dropFirst(header.count).allSatisfy(\.isEmpty) else {
                intake.skip(line: line, "more fields than the first row names")
                continue
            }
            intake.offer(header.contact(fields), line: line)
        }
    }

    // MARK: Rows

    /// Reads the next row; the line that it begins at, `nil` at the end.
    private mutating func nextRow() -> Int? {
        guard let line = text.nextLine() else { return nil }
        let number = line.number
        row.begin(line)
        guard row.isOpen else { return number }
        while row.isOpen, row.count <= Self.longestRow, let next = text.nextLine() { row.goOn(next) }
        if row.isOpen { giveUp(from: number) }
        return number
    }

    private mutating func giveUp(from line: Int) {
        let wasEnd = row.count <= Self.longestRow
        row.problem = wasEnd ? "a quote is never closed" : "a row of more than 1 MiB: is a quote not closed?"
        guard returns < Self.mostReturns else { return }
        returns += 1
        text.putBack(row.laterLines, from: line + 1)
    }

    // MARK: The first row

    /// `nil` for an empty file. What the configuration names in vain is noted.
    private mutating func readHeader() throws(ContactFileError) -> CSVHeader? {
        guard let line = readFirstRow() else { return nil }
        let header = CSVHeader(row.fields, columns: columns)
        guard header.isOfUse else {
            let missing = header.missing.first.map { "; \($0)" } ?? ""
            throw ContactFileError(.malformed, "the first row must name the columns, one of them `phone`\(missing)")
        }
        for reason in header.missing { intake.note(line: line, reason) }
        return header
    }

    /// The line that it begins at: not the first one below `sep=;`.
    private mutating func readFirstRow() -> Int? {
        guard var line = text.nextLine() else { return nil }
        if let named = Self.namedSeparator(line.bytes) {
            separator = named
            guard let next = text.nextLine() else { return nil }
            line = next
        } else {
            separator = Self.separator(of: line.bytes)
        }
        let number = line.number
        row = CSVRow(separator: separator)
        row.begin(line)
        while row.isOpen, row.count <= Self.longestRow, let next = text.nextLine() { row.goOn(next) }
        return number
    }

    /// `sep=;`, which Excel writes and reads.
    private static func namedSeparator(_ line: UnsafeBufferPointer<UInt8>) -> UInt8? {
        guard line.count == 5, line.starts(with: "sep=".utf8) else { return nil }
        return line[4]
    }

    private static func separator(of line: UnsafeBufferPointer<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in line {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|")]
        // Of equal counts the first wins.
        return candidates.reversed().max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }
}
