extension JSONFragment {
    /// The elements of an array; `nil` for all else.
    public var elements: [JSONFragment]? {
        guard bytes.first == UInt8(ascii: "[") else { return nil }
        var elements: [JSONFragment] = []
        var (start, depth, inText, isEscaped) = (1, 0, false, false)
        func end(_ index: Int) {
            if index > start { elements.append(JSONFragment(written: Array(bytes[start..<index]))) }
            start = index + 1
        }
        for index in bytes.indices.dropFirst().dropLast() {
            let byte = bytes[index]
            if inText {
                if byte == UInt8(ascii: "\""), !isEscaped { inText = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): inText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ",") where depth == 0: end(index)
            default: break
            }
        }
        end(bytes.count - 1)
        return elements
    }
}
