/// One property of a card: `item1.TEL;TYPE=CELL:+27 82 123 4567`.
struct VCardProperty {
    /// Upper case, without its group.
    var name: String
    /// Where it begins, from 1.
    var line: Int
    fileprivate var value: [UInt8]
    fileprivate var isLatin1: Bool

    /// The value with its escapes undone.
    var text: String { unescaped(value[...]) }

    /// One of the parts that semicolons separate; empty where there are not so many.
    func component(_ index: Int) -> String {
        var (parts, start, at): ([Range<Int>], Int, Int) = ([], 0, 0)
        while at < value.count, parts.count <= index {
            if value[at] == UInt8(ascii: ";") {
                parts.append(start..<at)
                start = at + 1
            }
            at += value[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        parts.append(start..<value.count)
        return index < parts.count ? unescaped(value[parts[index]]) : ""
    }

    private func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var plain: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            plain.append(isEscaped && byte | 0x20 == UInt8(ascii: "n") ? 0x0A : byte)
            isEscaped = false
        }
        return plain.withUnsafeBufferPointer(isLatin1 ? Text.latin1 : Text.decoded)
    }
}

/// The lines of a card, unfolded and taken apart. What is not wanted is passed over without a copy.
struct VCardLines {
    private static let wanted: Set<String> = [
        "BEGIN", "END", "AGENT", "FN", "N", "ORG", "TEL", "UID", "PHOTO", "KIND", "EMAIL", "X-REFERENCE",
        "X-CTID-TYPE", "X-CTID-INACTIVE",
    ]
    /// No value that is wanted is longer; a picture within a card is.
    private static let maxValue = 8192

    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    private var line = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func next() -> VCardProperty? {
        while at < bytes.count {
            let first = line
            let text = physicalLine()
            guard let colon = Self.colon(in: text) else { continue }
            let head = text[..<colon]
            let parameters = head.split(separator: UInt8(ascii: ";"))
            guard let name = parameters.first.map(Self.name), Self.wanted.contains(name) else {
                passFolds()
                continue
            }
            let words = parameters.dropFirst().map { String(decoding: $0, as: UTF8.self).uppercased() }
            let isQuotedPrintable = words.contains { $0.hasSuffix("QUOTED-PRINTABLE") }
            var value = Array(text[(colon + 1)...])
            readFolds(into: &value, softBreaks: isQuotedPrintable)
            if isQuotedPrintable { value = Self.unquoted(value) }
            let isLatin1 = words.contains { $0 == "CHARSET=ISO-8859-1" || $0 == "CHARSET=WINDOWS-1252" }
            return VCardProperty(name: name, line: first, value: value, isLatin1: isLatin1)
        }
        return nil
    }

    /// Up to the line's end, without it.
    private mutating func physicalLine() -> Slice<UnsafeBufferPointer<UInt8>> {
        let start = at
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        let end = at > start && bytes[at - 1] == 0x0D ? at - 1 : at
        at += 1
        line += 1
        return bytes[start..<end]
    }

    private var isFold: Bool { at < bytes.count && (bytes[at] == 0x20 || bytes[at] == 0x09) }

    private mutating func passFolds() {
        while isFold { _ = physicalLine() }
    }

    private mutating func readFolds(into value: inout [UInt8], softBreaks: Bool) {
        while at < bytes.count {
            if softBreaks, value.last == UInt8(ascii: "=") {
                value.removeLast()
                append(physicalLine(), to: &value)
            } else if isFold {
                append(physicalLine().dropFirst(), to: &value)
            } else {
                return
            }
        }
    }

    private func append(_ text: Slice<UnsafeBufferPointer<UInt8>>, to value: inout [UInt8]) {
        value.append(contentsOf: text.prefix(max(0, Self.maxValue - value.count)))
    }

    /// The first colon that is not within a quoted parameter.
    private static func colon(in text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var isQuoted = false
        for index in text.indices {
            if text[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted, text[index] == UInt8(ascii: ":") { return index }
        }
        return nil
    }

    /// `item1.TEL` is TEL.
    private static func name(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        let group = bytes.lastIndex(of: UInt8(ascii: "."))
        let name = group.map { bytes[($0 + 1)...] } ?? bytes
        guard name.count <= 20 else { return "" }
        return String(unsafeUninitializedCapacity: 20) { upper in
            for (index, byte) in name.enumerated() { upper[index] = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte }
            return name.count
        }
    }

    /// `=C3=A9` is two bytes; an `=` that is followed by anything else stays.
    private static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
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
