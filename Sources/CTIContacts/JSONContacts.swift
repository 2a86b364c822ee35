import Foundation

/// Contacts as JSON: an array of objects, `{"contacts": [...]}`, or an object a line.
///
/// Each object is cut out by its brackets and parsed alone, so a mistake in one costs that one, and a file of any
/// length takes the memory of its longest contact.
struct JSONContacts {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let intake: ContactIntake
    private let columns = KnownColumns()
    private var at = 0
    private var line = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ intake: ContactIntake) {
        self.bytes = bytes
        self.intake = intake
    }

    func readDocument() throws(ContactFileError) {
        var reader = self
        guard reader.passToArray() else {
            throw ContactFileError(.malformed, "expected an array of contacts, or {\"contacts\": [...]}")
        }
        reader.readElements()
    }

    func readLines() {
        for (index, text) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if text.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            parse(text.startIndex..<text.endIndex, line: index + 1)
        }
    }

    private mutating func readElements() {
        while let next = nextSignificant(), next != UInt8(ascii: "]") {
            if next == UInt8(ascii: ",") {
                at += 1
                continue
            }
            let (start, first) = (at, line)
            guard passValue() else { return intake.skip(line: first, "the file ends within a contact") }
            parse(start..<at, line: first)
        }
        if at >= bytes.count { intake.skip(line: line, "the file ends before the array does") }
    }

    /// Leaves `at` behind the bracket that opens the contacts.
    private mutating func passToArray() -> Bool {
        let opening = nextSignificant()
        at += 1
        guard opening == UInt8(ascii: "{") else { return opening == UInt8(ascii: "[") }
        while nextSignificant() == UInt8(ascii: "\"") {
            let start = at
            guard passValue() else { return false }
            let isContacts = bytes[start..<at].elementsEqual("\"contacts\"".utf8)
            guard nextSignificant() == UInt8(ascii: ":") else { return false }
            at += 1
            if isContacts, nextSignificant() == UInt8(ascii: "[") {
                at += 1
                return true
            }
            guard nextSignificant() != nil, passValue() else { return false }
            if nextSignificant() == UInt8(ascii: ",") { at += 1 }
        }
        return false
    }

    private mutating func nextSignificant() -> UInt8? {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0D: at += 1
            case 0x0A: (at, line) = (at + 1, line + 1)
            default: return bytes[at]
            }
        }
        return nil
    }

    /// Passes one value by its brackets and quotes; false when the file ends within. Never stays where it is.
    private mutating func passValue() -> Bool {
        var (depth, isText) = (0, false)
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == 0x0A { line += 1 }
            if isText {
                if byte == UInt8(ascii: "\\") { at += 1 }
                isText = byte != UInt8(ascii: "\"")
            } else if byte == UInt8(ascii: "\"") {
                isText = true
            } else if byte | 0x20 == UInt8(ascii: "{") {
                depth += 1
            } else if byte | 0x20 == UInt8(ascii: "}") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") {
                if depth == 0, at > start { return true }
                if byte | 0x20 == UInt8(ascii: "}") { depth -= 1 }
            }
            at += 1
            let isOver = byte | 0x20 == UInt8(ascii: "}") || byte == UInt8(ascii: "\"") && !isText
            if depth <= 0, isOver { return true }
        }
        return false
    }

    private func parse(_ range: Range<Int>, line: Int) {
        let data = Data(bytes[range])
        guard let members = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
            return intake.skip(line: line, "not a JSON object")
        }
        intake.offer(record(members), line: line)
    }

    private func record(_ members: [String: Any]) -> ContactRecord {
        var draft = ContactDraft()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let fields = value as? [String: Any], name == "fields" || name == "custom" {
                for (field, value) in fields { draft.record.fields[field] = Self.texts(value).first }
                continue
            }
            let column = columns[name]
            for text in Self.texts(value) { column.set(text, header: name, in: &draft) }
        }
        return draft.finished
    }

    /// Texts and numbers, alone, in a list, or as the `number`, `value` or `phone` of objects in a list.
    private static func texts(_ value: Any) -> [String] {
        switch value {
        case let text as String: [text]
        case let number as NSNumber: [isBoolean(number) ? String(number.boolValue) : number.stringValue]
        case let list as [Any]: list.flatMap(texts)
        case let object as [String: Any]:
            ["number", "value", "phone"].lazy.compactMap { object[$0] }.first.map { $0 is String ? texts($0) : [] }
                ?? []
        default: []
        }
    }

    /// JSON's `true` and 1 are of one class; only the encoding tells them apart.
    private static func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    /// What the names seen so far mean: the same few come with every contact.
    private final class KnownColumns {
        private var known: [String: ContactColumn] = [:]

        subscript(_ name: String) -> ContactColumn {
            if let column = known[name] { return column }
            let column = ContactColumn(header: name)
            // A file whose names are all different must not fill the memory.
            if known.count < 1000 { known[name] = column }
            return column
        }
    }
}
