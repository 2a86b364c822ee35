/// A table of contacts: its first row names the columns, fields may be quoted (RFC 4180), and the separator, a comma,
/// a semicolon or a tabulator, is the one that the first row has most of.
struct CSVReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let separator: UInt8
    private var at = 0
    private var line = 1
    /// The file ended within quotes.
    private var isUnclosed = false

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        separator = Self.separator(of: bytes)
    }

    func readContacts(_ intake: ContactIntake) throws(ContactFileError) {
        var table = self
        guard let (header, _) = table.nextRow() else { return }
        let columns = header.map { (header: $0.trimmed, column: ContactColumn(header: $0)) }
        guard columns.contains(where: { $0.column == .phone || $0.column == .reference }) else {
            throw ContactFileError(.malformed, "the first row must name the columns, one of them `phone`")
        }
        while let (row, line) = table.nextRow() {
            if row.allSatisfy(\.isEmpty) { continue }
            guard !table.isUnclosed else { return intake.skip(line: line, "a quote is never closed") }
            guard row.dropFirst(columns.count).allSatisfy(\.isEmpty) else {
                intake.skip(line: line, "more fields than the first row names")
                continue
            }
            var draft = ContactDraft()
            for (value, column) in zip(row, columns) {
                column.column.set(value, header: column.header, in: &draft)
            }
            intake.offer(draft.finished, line: line)
        }
    }

    /// The next row's fields, and the line it begins at; `nil` at the end.
    mutating func nextRow() -> (fields: [String], line: Int)? {
        guard at < bytes.count else { return nil }
        let first = line
        var fields: [String] = []
        while true {
            fields.append(at < bytes.count && bytes[at] == UInt8(ascii: "\"") ? quotedField() : plainField())
            guard at < bytes.count else { return (fields, first) }
            let end = bytes[at]
            at += 1
            if end == separator { continue }
            if end == 0x0D, at < bytes.count, bytes[at] == 0x0A { at += 1 }
            line += 1
            return (fields, first)
        }
    }

    private func isEnd(_ byte: UInt8) -> Bool { byte == separator || byte == 0x0A || byte == 0x0D }

    private mutating func plainField() -> String {
        let start = at
        while at < bytes.count, !isEnd(bytes[at]) { at += 1 }
        return Text.decoded(UnsafeBufferPointer(rebasing: bytes[start..<at]))
    }

    /// From the opening quote on; a quote within is written twice. What follows the closing one is taken as it is.
    private mutating func quotedField() -> String {
        at += 1
        var field: [UInt8] = []
        isUnclosed = true
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
                    isUnclosed = false
                    break
                }
                at += 1
            } else if byte == 0x0A {
                line += 1
            }
            field.append(byte)
        }
        let text = field.withUnsafeBufferPointer(Text.decoded)
        return at < bytes.count && !isEnd(bytes[at]) ? text + plainField() : text
    }

    private static func separator(of bytes: UnsafeBufferPointer<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, byte == 0x0A || byte == 0x0D { break }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }
}

enum Text {
    /// UTF-8; where it is none, Latin-1, which old exports are in.
    static func decoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
    }

    static func latin1(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(Unicode.Scalar(byte)) }
        return String(text)
    }
}
