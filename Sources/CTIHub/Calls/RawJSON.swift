/// One JSON object as the log holds it, taken apart without decoding: what is passed on is passed on byte for byte.
///
/// It reads what this daemon wrote itself, so it is not a validator; bytes that are no object have no members.
struct RawJSON {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    /// The value of a member of the object, as it is written. Names with escapes are not found.
    func member(_ name: String) -> ArraySlice<UInt8>? {
        var found: ArraySlice<UInt8>?
        forEachItem(open: UInt8(ascii: "{")) { item in
            guard found == nil, let (key, value) = Self.split(item), key.elementsEqual(name.utf8) else { return }
            found = value
        }
        return found
    }

    /// The elements of the array; `nil` where it is none.
    var elements: [ArraySlice<UInt8>]? {
        guard bytes.first(where: { !Self.isSpace($0) }) == UInt8(ascii: "[") else { return nil }
        var result: [ArraySlice<UInt8>] = []
        forEachItem(open: UInt8(ascii: "[")) { result.append($0) }
        return result
    }

    /// The object with further members in front; anything but an object is returned as it is.
    func prefixed(with members: [UInt8]) -> [UInt8] {
        guard let start = bytes.firstIndex(where: { !Self.isSpace($0) }), bytes[start] == UInt8(ascii: "{") else {
            return Array(bytes)
        }
        let rest = bytes[(start + 1)...].drop(while: Self.isSpace)
        let comma = rest.first == UInt8(ascii: "}") || members.isEmpty ? [] : [UInt8(ascii: ",")]
        return [UInt8(ascii: "{")] + members + comma + rest
    }

    /// A string's content; `nil` for other values and for one with escapes, which the words looked for never have.
    static func text(_ value: ArraySlice<UInt8>?) -> String? {
        guard let value, value.count >= 2, value.first == UInt8(ascii: "\""), !value.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }

    /// Cuts at the commas of the outermost level, which must begin with `open`.
    private func forEachItem(open: UInt8, _ body: (ArraySlice<UInt8>) -> Void) {
        guard let start = bytes.firstIndex(where: { !Self.isSpace($0) }), bytes[start] == open else { return }
        var depth = 0
        var (itemStart, index) = (start + 1, start)
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "\""): index = Self.lastIndex(ofStringAt: index, in: bytes)
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth == 0 else { break }
                let item = Self.trimmed(bytes[itemStart..<index])
                return item.isEmpty ? () : body(item)
            case UInt8(ascii: ",") where depth == 1:
                body(Self.trimmed(bytes[itemStart..<index]))
                itemStart = index + 1
            default: break
            }
            index += 1
        }
    }

    /// Where the string's closing quote is, or the end of the bytes.
    private static func lastIndex(ofStringAt start: Int, in bytes: ArraySlice<UInt8>) -> Int {
        var index = start + 1
        while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }

    /// `"name": value` into its halves.
    private static func split(_ item: ArraySlice<UInt8>) -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        guard item.first == UInt8(ascii: "\"") else { return nil }
        let end = lastIndex(ofStringAt: item.startIndex, in: item)
        guard end < item.endIndex, let colon = item[end...].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return (item[(item.startIndex + 1)..<end], trimmed(item[(colon + 1)...]))
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
