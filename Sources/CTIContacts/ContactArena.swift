/// Contacts end to end in one block of bytes: a quarter of a million of them as values of their own would take ten
/// times the room, and a million allocations.
///
/// A record is: flags, type, id, name, phones, references, avatar, fields; each text with its length in front, each
/// list with its count, all numbers in groups of seven bits.
struct ContactArena: Sendable {
    private var bytes: [UInt8] = []
    private var offsets: [UInt32] = []
    private var types: [String] = []
    private var typeIndex: [String: Int] = [:]

    var count: Int { offsets.count }

    /// False where there is no room left, which is at 4 GiB.
    mutating func append(_ record: ContactRecord) -> Bool {
        guard let offset = UInt32(exactly: bytes.count), count < ContactKeyTable.maxContacts else { return false }
        offsets.append(offset)
        bytes.append(record.isInactive ? 1 : 0)
        write(index(ofType: record.type))
        write(record.id)
        write(record.name)
        write(record.phones)
        write(record.references)
        write(record.avatar ?? "")
        write(record.fields.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
        return true
    }

    /// Gives back what growing had taken ahead.
    mutating func compact() {
        bytes = bytes.withUnsafeBufferPointer { Array($0) }
        offsets = offsets.withUnsafeBufferPointer { Array($0) }
        typeIndex = [:]
    }

    subscript(_ index: UInt32) -> ContactRecord {
        reading(index) { reader in
            let isInactive = reader.number() == 1
            let type = types[reader.number()]
            var record = ContactRecord(id: reader.text(), name: reader.text(), type: type, isInactive: isInactive)
            record.phones = reader.texts()
            record.references = reader.texts()
            let avatar = reader.text()
            record.avatar = avatar.isEmpty ? nil : avatar
            let fields = reader.texts()
            for at in stride(from: 0, to: fields.count - 1, by: 2) { record.fields[fields[at]] = fields[at + 1] }
            return record
        }
    }

    /// Less than all of it, for the pop.
    func contact(_ index: UInt32) -> (id: String, type: String, name: String) {
        reading(index) { reader in
            _ = reader.number()
            let type = types[reader.number()]
            return (reader.text(), type, reader.text())
        }
    }

    private func reading<Result>(_ index: UInt32, _ body: (inout Reader) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            var reader = Reader(bytes: bytes, at: Int(offsets[Int(index)]))
            return body(&reader)
        }
    }

    private mutating func index(ofType type: String) -> Int {
        if let known = typeIndex[type] { return known }
        types.append(type)
        typeIndex[type] = types.count - 1
        return types.count - 1
    }

    private mutating func write(_ number: Int) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(_ texts: [String]) {
        write(texts.count)
        for text in texts { write(text) }
    }

    /// Reads what this type wrote, and nothing else.
    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var at: Int

        mutating func number() -> Int {
            var (value, shift) = (0, 0)
            while true {
                let byte = bytes[at]
                at += 1
                value |= Int(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
        }

        mutating func text() -> String {
            let length = number()
            defer { at += length }
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[at..<at + length]), as: UTF8.self)
        }

        mutating func texts() -> [String] { (0..<number()).map { _ in text() } }
    }
}
