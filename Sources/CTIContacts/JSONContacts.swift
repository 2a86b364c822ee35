import CTICore

/// Contacts as JSON: an array of objects, `{"contacts": [...]}`, or an object a line.
///
/// Each object is cut out by its brackets and parsed alone, so a mistake in one costs that one, and a file of any
/// length takes the memory of its longest contact, which is ``JSONElement/longest`` at most.
struct JSONContacts {
    private let text: ContactText
    private let intake: ContactIntake
    private let columns = KnownColumns()

    init(_ text: ContactText, _ intake: ContactIntake) {
        self.text = text
        self.intake = intake
    }

    func readDocument() throws(ContactFileError) {
        guard passToArray() else {
            throw ContactFileError(.malformed, "expected an array of contacts, or {\"contacts\": [...]}")
        }
        readElements()
    }

    func readLines() {
        while let line = text.nextLine() {
            let number = line.number
            if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            guard !line.isCut else {
                intake.skip(line: number, "a line of more than 1 MiB")
                continue
            }
            parse(Array(line.bytes), line: number)
        }
    }

    // MARK: The document

    private func readElements() {
        var element = JSONElement()
        while let next = nextSignificant(), next != UInt8(ascii: "]") {
            if next == UInt8(ascii: ",") {
                _ = text.next()
                continue
            }
            let line = text.line
            element.read(from: text)
            if let problem = element.problem {
                intake.skip(line: line, problem)
            } else {
                parse(element.bytes, line: line)
            }
        }
        if text.next() == nil { intake.noteTruncated(line: text.line, "the file ends before the array does") }
    }

    /// Passes the bracket that opens the contacts.
    private func passToArray() -> Bool {
        guard let opening = nextSignificant() else { return false }
        _ = text.next()
        guard opening == UInt8(ascii: "{") else { return opening == UInt8(ascii: "[") }
        var element = JSONElement()
        while nextSignificant() == UInt8(ascii: "\"") {
            element.read(from: text)
            let isContacts = element.bytes.elementsEqual("\"contacts\"".utf8)
            guard nextSignificant() == UInt8(ascii: ":") else { return false }
            _ = text.next()
            if isContacts, nextSignificant() == UInt8(ascii: "[") {
                _ = text.next()
                return true
            }
            guard nextSignificant() != nil else { return false }
            element.read(from: text)
            if nextSignificant() == UInt8(ascii: ",") { _ = text.next() }
        }
        return false
    }

    private func nextSignificant() -> UInt8? {
        while let byte = text.peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { _ = text.next() }
        return text.peek()
    }

    // MARK: A contact

    private func parse(_ bytes: [UInt8], line: Int) {
        guard let object = try? JSONObject(bytes) else { return intake.skip(line: line, "not a JSON object") }
        intake.offer(record(object), line: line)
    }

    private func record(_ object: JSONObject) -> ContactRecord {
        var draft = ContactDraft()
        for member in object.members {
            let (name, value) = (member.name, member.value)
            if value.isObject, name == "fields" || name == "custom" {
                for field in Self.members(of: value) { draft.record.fields[field.name] = Self.texts(field.value).first }
                continue
            }
            let column = columns[name]
            // A list has its own commas: what stands in it is one reference each.
            if column == .reference, value.elements != nil {
                draft.record.references += Self.texts(value)
            } else {
                for text in Self.texts(value) { column.set(text, header: name, in: &draft) }
            }
        }
        return draft.finished
    }

    /// Texts and numbers, alone, in a list, or as the `number`, `value` or `phone` of objects in a list.
    private static func texts(_ value: JSONFragment) -> [String] {
        if let text = value.string { return [text] }
        if value.isNull { return [] }
        if let elements = value.elements { return elements.flatMap(texts) }
        guard value.isObject else { return [String(decoding: value.bytes, as: UTF8.self)] }
        let members = members(of: value)
        let told = ["number", "value", "phone"].lazy.compactMap { name in members.last { $0.name == name } }.first
        return told?.value.string.map { [$0] } ?? []
    }

    private static func members(of value: JSONFragment) -> [JSONObject.Member] {
        (try? JSONObject(value.bytes))?.members ?? []
    }

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
