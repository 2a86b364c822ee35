/// One property of a card: `item1.TEL;TYPE=CELL:+27 82 123 4567`.
struct VCardProperty {
    /// Upper case, without its group.
    var name: String
    /// Where it begins, from 1.
    var line: Int
    /// Its end is missing: the file ends within, or it is longer than any value that is of use.
    var isCut: Bool
    var value: [UInt8]
    /// Of the value's bytes; `nil` where the card names none.
    var charset: String?

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
        plain.reserveCapacity(bytes.count)
        var isEscaped = false
        for byte in bytes {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            plain.append(isEscaped && byte | 0x20 == UInt8(ascii: "n") ? 0x0A : byte)
            isEscaped = false
        }
        return Charset.text(plain, named: charset)
    }
}
