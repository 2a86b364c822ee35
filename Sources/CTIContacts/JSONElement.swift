/// One value of a JSON text, cut out by its brackets and quotes, also where these are wrong.
///
/// What is wrong in one contact must not swallow those after it. So a text ends with its line, a bracket closes those
/// within it that were left open, and an object that begins where a name is expected begins anew.
struct JSONElement {
    /// Of a longer one only the end is looked for: 1 MiB.
    static let longest = 1 << 20
    /// Nested deeper it is no contact.
    static let deepest = 64

    private(set) var bytes: [UInt8] = []
    private(set) var problem: String?
    private var open: [UInt8] = []
    /// Beyond ``deepest``.
    private var depthBeyond = 0
    /// The last byte that was no blank.
    private var last: UInt8 = 0
    private var isLineStart = false

    /// Leaves the text behind the value. Never stays where it is.
    mutating func read(from text: ContactText) {
        bytes.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        (problem, depthBeyond, last, isLineStart) = (nil, 0, 0, false)
        while let byte = text.peek() {
            if beginsAnew(byte) {
                problem = "not a JSON object"
                return
            }
            if open.isEmpty, !bytes.isEmpty, isEnd(byte) { return }
            _ = text.next()
            keep(byte)
            isLineStart = byte == 0x0A || byte == 0x0D
            if byte == UInt8(ascii: "\"") {
                last = passText(text) ? byte : UInt8(ascii: ",")
                if open.isEmpty { return }
                continue
            }
            note(byte)
            if open.isEmpty, byte | 0x20 == UInt8(ascii: "}") { return }
            if byte > 0x20 { last = byte }
        }
        if !open.isEmpty { problem = "the file ends within a contact" }
    }

    private mutating func keep(_ byte: UInt8) {
        if bytes.count < Self.longest {
            bytes.append(byte)
        } else if problem == nil {
            problem = "a contact of more than 1 MiB"
        }
    }

    /// An object behind a comma, or at the beginning, of another object; or at the beginning of a line of what is too deep.
    private func beginsAnew(_ byte: UInt8) -> Bool {
        guard byte == UInt8(ascii: "{") else { return false }
        if depthBeyond > 0 { return isLineStart }
        return open.last == UInt8(ascii: "{") && (last == UInt8(ascii: ",") || last == UInt8(ascii: "{"))
    }

    private func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") || byte | 0x20 == UInt8(ascii: "}")
    }

    private mutating func note(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if open.count < Self.deepest {
                open.append(byte)
            } else {
                depthBeyond += 1
                problem = "nested too deep"
            }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            guard depthBeyond == 0 else {
                depthBeyond -= 1
                return
            }
            let opening = byte - 2
            guard let match = open.lastIndex(of: opening) else { return }
            open.removeSubrange(match...)
        default: break
        }
    }

    /// Behind the opening quote. False where the line ends before the text does, whatever the rest of the line was.
    private mutating func passText(_ text: ContactText) -> Bool {
        var isEscaped = false
        while let byte = text.peek() {
            if byte == 0x0A || byte == 0x0D { break }
            _ = text.next()
            keep(byte)
            if byte == UInt8(ascii: "\""), !isEscaped { return true }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return false
    }
}
