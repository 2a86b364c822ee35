extension JSONFragment {
    /// Of an array, as they were written; `nil` for all else.
    public var elements: [JSONFragment]? {
        guard bytes.first == UInt8(ascii: "[") else { return nil }
        return bytes.withUnsafeBytes { try? Self.elements(of: $0) }
    }

    private static func elements(of text: UnsafeRawBufferPointer) throws(DecodeFailure) -> [JSONFragment] {
        var scanner = JSONScanner(text, relaxed: false)
        var elements: [JSONFragment] = []
        var (depth, start) = (0, 0)
        while true {
            switch try scanner.next() {
            case .scalar(let token):
                if depth == 1 { elements.append(JSONFragment(token, in: text)) }
            case .objectStart, .arrayStart:
                if depth == 1 { start = scanner.position - 1 }
                depth += 1
            case .containerEnd:
                depth -= 1
                if depth == 1 { elements.append(JSONFragment(container: text[start..<scanner.position])) }
            case .key: continue
            case .end: return elements
            }
        }
    }
}
