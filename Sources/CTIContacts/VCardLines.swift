/// The properties of cards, unfolded and taken apart.
///
/// A line that begins with a blank goes on with the one before, wherever that was cut: in a name, in a parameter, in the
/// midst of a character. Quoted-printable of version 2.1 has its own way, an `=` at the end. Lines that are no property
/// are passed over: what some programs leave of a picture or a note.
struct VCardLines {
    /// No value that is wanted is longer; a picture within a card is.
    private static let longestValue = 1 << 16
    private static let wanted: Set<String> = [
        "BEGIN", "END", "AGENT", "FN", "N", "ORG", "TEL", "UID", "PHOTO", "KIND", "X-ADDRESSBOOKSERVER-KIND", "EMAIL",
        "NICKNAME", "X-MS-TEL", "X-REFERENCE", "X-CTID-TYPE", "X-CTID-INACTIVE",
    ]
    private static let ends: [[UInt8]] = [Array("END:VCARD".utf8), Array("end:vcard".utf8)]

    private let text: ContactText
    private var logical: [UInt8] = []
    private var isCut = false

    init(_ text: ContactText) { self.text = text }

    mutating func next() -> VCardProperty? {
        while let line = text.nextLine() {
            let number = line.number
            logical.removeAll(keepingCapacity: true)
            isCut = line.isCut
            append(line)
            passFolds()
            // Most lines are of no use: they are told by their first letters, before anything is made of them.
            guard mayBeWanted || logical.last == UInt8(ascii: "=") else { continue }
            guard let colon = colon else { continue }
            let parameters = logical[..<colon].split(separator: UInt8(ascii: ";"))
            guard let name = parameters.first.map(Self.name) else { continue }
            let words =
                parameters.count == 1
                ? [] : parameters.dropFirst().map { String(decoding: $0, as: UTF8.self).uppercased() }
            let isQuotedPrintable = words.contains { $0.hasSuffix("QUOTED-PRINTABLE") }
            if isQuotedPrintable { passSoftBreaks() }
            guard Self.wanted.contains(name) else { continue }
            var value = Array(logical[(colon + 1)...])
            if isQuotedPrintable { value = QuotedPrintable.decoded(value) }
            return VCardProperty(
                name: name, line: number, isCut: isCut, value: value, charset: Self.charset(in: words))
        }
        return nil
    }

    private mutating func append(_ line: ContactText.Line, dropping blanks: Int = 0) {
        let room = max(0, Self.longestValue - logical.count)
        logical.append(contentsOf: line.bytes.dropFirst(blanks).prefix(room))
        if line.bytes.count > room || line.isCut || !line.isEnded { isCut = true }
    }

    private mutating func passFolds() {
        while let byte = text.peek(), byte == 0x20 || byte == 0x09, let line = text.nextLine() {
            append(line, dropping: 1)
        }
    }

    /// A break before the card's end is a mistake of whoever wrote it: the end is not swallowed.
    private mutating func passSoftBreaks() {
        while logical.last == UInt8(ascii: "=") {
            logical.removeLast()
            guard !Self.ends.contains(where: text.starts), let line = text.nextLine() else { return }
            append(line)
        }
    }

    /// By the name's first two bytes, behind its group.
    private var mayBeWanted: Bool {
        var start = 0
        for (index, byte) in logical.enumerated() {
            if byte == UInt8(ascii: ":") || byte == UInt8(ascii: ";") { break }
            if byte == UInt8(ascii: ".") { start = index + 1 }
        }
        guard start + 1 < logical.count else { return false }
        return Self.beginnings.contains(Self.beginning(logical[start], logical[start + 1]))
    }

    private static let beginnings: Set<UInt16> = {
        let names = Array(wanted.filter { $0 != "N" }) + ["N:", "N;"]
        return Set(names.map { beginning(Array($0.utf8)[0], Array($0.utf8)[1]) })
    }()

    /// The bit that tells letters' cases apart is left out, of other characters, too.
    private static func beginning(_ first: UInt8, _ second: UInt8) -> UInt16 {
        UInt16(first & 0xDF) << 8 | UInt16(second & 0xDF)
    }

    /// The first one that is not within a quoted parameter; of a quote that is never closed, the first of all.
    private var colon: Int? {
        var (isQuoted, first): (Bool, Int?) = (false, nil)
        for (index, byte) in logical.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard byte == UInt8(ascii: ":") else { continue }
            if !isQuoted { return index }
            first = first ?? index
        }
        return first
    }

    /// `item1.TEL` is TEL.
    private static func name(_ bytes: ArraySlice<UInt8>) -> String {
        let name = bytes.lastIndex(of: UInt8(ascii: ".")).map { bytes[($0 + 1)...] } ?? bytes
        guard name.count <= 32 else { return "" }
        return String(unsafeUninitializedCapacity: 32) { upper in
            for (index, byte) in name.enumerated() { upper[index] = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte }
            return name.count
        }
    }

    private static func charset(in words: [String]) -> String? {
        words.first { $0.hasPrefix("CHARSET=") }.map { String($0.dropFirst(8).filter { $0 != "\"" }) }
    }
}

enum QuotedPrintable {
    /// `=C3=A9` is two bytes; an `=` that is followed by anything else stays.
    static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "="), at + 2 < bytes.count, let high = hex(bytes[at + 1]),
                let low = hex(bytes[at + 2])
            {
                plain.append(high << 4 | low)
                at += 3
            } else {
                plain.append(bytes[at])
                at += 1
            }
        }
        return plain
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
