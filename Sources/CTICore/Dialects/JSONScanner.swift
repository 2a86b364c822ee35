/// A step through a JSON text.
enum JSONStep: Sendable {
    case key(JSONToken)
    case scalar(JSONToken)
    case objectStart, arrayStart
    /// Of whichever is open.
    case containerEnd
    /// The text is over, and was valid.
    case end
}

/// Steps through any JSON text (RFC 8259) and checks all of it, in constant stack whatever the nesting.
///
/// `relaxed` allows two things more, both printed in the vendor's documentation: unquoted keys, and no comma between the
/// members of an object. The text must be UTF-8 already.
///
///            ┌────────────── , ─────────────┐
///     value ─┴► start ► key ► : ► value ► after ► end of container ► after ► … ► end
struct JSONScanner {
    private enum Expected { case value, firstElement, firstMember, member, after, end }

    private let text: UnsafeRawBufferPointer
    private let relaxed: Bool
    /// Behind what the last step told.
    private(set) var position = 0
    private var expected = Expected.value
    private var containers = BitStack()
    /// Where the first escape of half a surrogate pair is, in a key or a value: legal syntax, but no text.
    private(set) var loneSurrogate: Int?

    init(_ text: UnsafeRawBufferPointer, relaxed: Bool) {
        self.text = text
        self.relaxed = relaxed
    }

    mutating func next() throws(DecodeFailure) -> JSONStep {
        if expected == .after, let step = try afterValue() { return step }
        skipSpace()
        switch expected {
        case .value: return try value()
        case .firstElement: return peek == UInt8(ascii: "]") ? close() : try value()
        case .firstMember: return peek == UInt8(ascii: "}") ? close() : try key()
        case .member: return try key()
        case .after, .end:
            guard position == text.count else { throw failure("the end of the text") }
            return .end
        }
    }

    /// Takes the comma (or, relaxed, its absence) or the closing bracket; `nil` when there is more to read.
    private mutating func afterValue() throws(DecodeFailure) -> JSONStep? {
        skipSpace()
        guard let inObject = containers.top else {
            expected = .end
            return nil
        }
        if peek == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { return close() }
        if peek == UInt8(ascii: ",") {
            position += 1
        } else {
            guard inObject, relaxed, startsKey else { throw failure(inObject ? "',' or '}'" : "',' or ']'") }
        }
        expected = inObject ? .member : .value
        return nil
    }

    private mutating func close() -> JSONStep {
        position += 1
        containers.pop()
        expected = .after
        return .containerEnd
    }

    private mutating func value() throws(DecodeFailure) -> JSONStep {
        switch peek {
        case UInt8(ascii: "{"): return open(object: true)
        case UInt8(ascii: "["): return open(object: false)
        case UInt8(ascii: "\""): return .scalar(try finish(quoted()))
        case UInt8(ascii: "t"): return .scalar(try finish(literal("true", .bool)))
        case UInt8(ascii: "f"): return .scalar(try finish(literal("false", .bool)))
        case UInt8(ascii: "n"): return .scalar(try finish(literal("null", .null)))
        default: return .scalar(try finish(number()))
        }
    }

    private mutating func open(object: Bool) -> JSONStep {
        position += 1
        containers.push(object)
        expected = object ? .firstMember : .firstElement
        return object ? .objectStart : .arrayStart
    }

    private mutating func finish(_ token: JSONToken) -> JSONToken {
        expected = .after
        return token
    }
}

extension JSONScanner {
    private mutating func key() throws(DecodeFailure) -> JSONStep {
        guard startsKey else { throw failure("a key") }
        let token = peek == UInt8(ascii: "\"") ? try quoted() : unquotedKey()
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw failure("':'") }
        position += 1
        expected = .value
        return .key(token)
    }

    private var startsKey: Bool { peek == UInt8(ascii: "\"") || (relaxed && peek.map(Self.isNameStart) == true) }

    private mutating func unquotedKey() -> JSONToken {
        let start = position
        while let byte = peek, Self.isNamePart(byte) { position += 1 }
        return JSONToken(.plainString, start, position)
    }

    private mutating func quoted() throws(DecodeFailure) -> JSONToken {
        let start = position + 1
        var kind = JSONToken.Kind.plainString
        position = start
        while true {
            skipPlain()
            switch peek {
            case UInt8(ascii: "\""):
                position += 1
                return JSONToken(kind, start, position - 1)
            case UInt8(ascii: "\\"):
                kind = .escapedString
                try escape()
            case nil: throw failure("a closing quote")
            default: throw failure("no raw control character")
            }
        }
    }

    /// To the next byte that cannot stand in a string as it is.
    private mutating func skipPlain() {
        guard let base = text.baseAddress else { return }
        while position <= text.count - ByteWord.width {
            let stops = ByteWord.stringStops(ByteWord.load(base + position))
            guard stops == 0 else {
                position += ByteWord.distance(stops)
                return
            }
            position += ByteWord.width
        }
        while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
    }

    private mutating func escape() throws(DecodeFailure) {
        let start = position
        position += 1
        if let byte = peek, JSONEscapes.isSimple(byte) {
            position += 1
            return
        }
        let unit = try unicodeEscape()
        guard UTF16.isSurrogate(unit) else { return }
        if UTF16.isLeadSurrogate(unit), let trail = trailAhead, UTF16.isTrailSurrogate(trail) {
            position += 6
        } else if loneSurrogate == nil {
            loneSurrogate = start
        }
    }

    private mutating func unicodeEscape() throws(DecodeFailure) -> UInt16 {
        guard peek == UInt8(ascii: "u"), let unit = JSONEscapes.codeUnit(in: text, at: position + 1) else {
            throw failure("an escape")
        }
        position += 5
        return unit
    }

    /// The code unit of the escape that follows, if one follows.
    private var trailAhead: UInt16? {
        guard peek == UInt8(ascii: "\\"), byte(at: position + 1) == UInt8(ascii: "u") else { return nil }
        return JSONEscapes.codeUnit(in: text, at: position + 2)
    }

    private mutating func literal(_ name: StaticString, _ kind: JSONToken.Kind) throws(DecodeFailure) -> JSONToken {
        let start = position
        let bytes = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        guard text[position...].starts(with: bytes) else { throw failure("a value") }
        position += bytes.count
        try endOfWord()
        return JSONToken(kind, start, position)
    }

    private mutating func number() throws(DecodeFailure) -> JSONToken {
        let start = position
        var kind = JSONToken.Kind.integer
        if take("-") { kind = .otherNumber }
        if !take("0") { try digits() }
        if take(".") {
            kind = .otherNumber
            try digits()
        }
        if take("e") || take("E") {
            kind = .otherNumber
            if !take("+") { _ = take("-") }
            try digits()
        }
        try endOfWord()
        return JSONToken(kind, start, position)
    }

    private mutating func digits() throws(DecodeFailure) {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw failure("a value") }
    }

    /// Without commas a key may follow at once; `12ref` must not be read as `12` and `ref`.
    private func endOfWord() throws(DecodeFailure) {
        if let byte = peek, Self.isNamePart(byte) { throw failure("the end of the value") }
    }
}

extension JSONScanner {
    private var peek: UInt8? { byte(at: position) }

    private func byte(at index: Int) -> UInt8? { index < text.count ? text[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "$"):
            true
        default: false
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        isNameStart(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private func failure(_ expected: String) -> DecodeFailure {
        DecodeFailure(.notJSON, "byte \(position): expected \(expected)")
    }
}
