/// Scans the notification that a PBX sends all day: valid JSON, ASCII, no escapes, scalars only. Declines all else.
///
/// What it accepts it has checked to the last byte, so the fields may be judged at once. Strings are searched eight bytes at
/// a time, known keys are compared as words. Near the end, where fewer than eight bytes remain, a word is filled up with
/// zeros, which no JSON text contains: every search stops there by itself, and nothing outside the text is read.
///
/// The place in the text is a local variable handed from step to step, not a property: so it stays in a register.
struct NotificationHotPath {
    private let base: UnsafeRawPointer
    private let end: Int

    @inline(__always)
    init?(_ text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress, text.count >= ByteWord.width else { return nil }
        self.base = base
        end = text.count
    }

    /// Whether the text is such a notification. `fields` must be new; they are worth nothing after `false`.
    func scan(into fields: inout NotificationFields) -> Bool {
        var cursor = 0
        guard take("{", &cursor) else { return false }
        repeat {
            guard take("\"", &cursor), scanEnvelopeMember(&cursor, into: &fields) else { return false }
        } while take(",", &cursor)
        guard take("}", &cursor) else { return false }
        _ = peek(&cursor)
        return cursor == end
    }

    @inline(__always)
    private func scanEnvelopeMember(_ cursor: inout Int, into fields: inout NotificationFields) -> Bool {
        let word = word(at: cursor)
        if word & 0xFF_FFFF_FFFF == ByteWord.literal("type\"\0\0\0") {
            cursor &+= 5
            guard take(":", &cursor) else { return false }
            return scanType(&cursor, into: &fields)
        }
        guard word == ByteWord.literal("payload\"") else { return false }
        cursor &+= 8
        guard take(":", &cursor), take("{", &cursor) else { return false }
        if !fields[.payload].isMissing { fields.forgetPayload() }
        fields[.payload] = JSONToken(.object, 0, 0)
        guard take("\"", &cursor) else { return false }
        repeat {
            guard let key = scanKey(&cursor), scanValue(&cursor, of: key, into: &fields) else { return false }
        } while takeNextKey(&cursor)
        return take("}", &cursor)
    }

    @inline(__always)
    private func scanType(_ cursor: inout Int, into fields: inout NotificationFields) -> Bool {
        guard peek(&cursor) == 0x22, word(at: cursor) & 0xFFFF_FFFF_FFFF == ByteWord.literal("\"call\"\0\0") else {
            return false
        }
        fields[.type] = JSONToken(.plainString, cursor &+ 1, cursor &+ 5)
        cursor &+= 6
        return true
    }

    /// From behind the opening quote to behind the closing one; `nil` where the key has an unusual character, or no end.
    @inline(__always)
    private func scanKey(_ cursor: inout Int) -> NotificationKey? {
        let head = word(at: cursor)
        let tail = word(at: cursor &+ 8)
        let (key, length) = Self.known(head, tail)
        if length > 0 {
            cursor &+= length
            return key
        }
        let quote = closingQuote(from: cursor)
        cursor = quote &+ 1
        return quote < 0 ? nil : .other
    }

    /// The key that begins with these sixteen bytes, and its length with the closing quote.
    @inline(__always)
    private static func known(_ head: UInt64, _ tail: UInt64) -> (NotificationKey, Int) {
        if head & 0xFF_FFFF_FFFF_FFFF == ByteWord.literal("number\"\0") { return (.number, 7) }
        let (one, four) = (tail & 0xFF, tail & 0xFFFF_FFFF)
        if head == ByteWord.literal("call_ref"), one == 0x22 { return (.callRef, 9) }
        if head == ByteWord.literal("call_dir"), one == 0x22 { return (.callDir, 9) }
        if head == ByteWord.literal("hold_tim"), tail & 0xFFFF == 0x2265 { return (.holdTime, 10) }
        if head == ByteWord.literal("dial_num"), four == ByteWord.literal("ber\"\0\0\0\0") { return (.dialNumber, 12) }
        if head == ByteWord.literal("contact_"), four == ByteWord.literal("ref\"\0\0\0\0") { return (.contactRef, 12) }
        if head & 0xFFFF_FFFF == ByteWord.literal("ref\"\0\0\0\0") { return (.ref, 4) }
        guard head == ByteWord.literal("campaign"), tail & 0xFF_FFFF_FFFF == ByteWord.literal("_ref\"\0\0\0") else {
            return (.other, 0)
        }
        return (.campaignRef, 13)
    }

    /// With the colon before it.
    @inline(__always)
    private func scanValue(
        _ cursor: inout Int, of key: NotificationKey, into fields: inout NotificationFields
    ) -> Bool {
        let first = takeColonAndQuote(&cursor) ? 0x22 : take(":", &cursor) ? peek(&cursor) : 0
        let token: JSONToken
        if first == 0x22 {
            let quote = closingQuote(from: cursor &+ 1)
            guard quote >= 0 else { return false }
            token = JSONToken(.plainString, cursor &+ 1, quote)
            cursor = quote &+ 1
        } else if first &- 0x30 < 10 {
            token = integer(&cursor)
        } else {
            guard word(at: cursor) & 0xFFFF_FFFF == ByteWord.literal("null\0\0\0\0") else { return false }
            token = JSONToken(.null, cursor, cursor &+ 4)
            cursor &+= 4
        }
        fields[key] = token
        return true
    }

    /// What follows is not looked at here: neither a comma nor a bracket, it declines the text.
    @inline(__always)
    private func integer(_ cursor: inout Int) -> JSONToken {
        let start = cursor
        cursor &+= 1
        if byte(at: start) != 0x30 {
            while byte(at: cursor) &- 0x30 < 10 { cursor &+= 1 }
        }
        return JSONToken(.integer, start, cursor)
    }

    /// -1 when an escape, a control character, one that is not ASCII, or the end of the text comes first.
    @inline(__always)
    private func closingQuote(from start: Int) -> Int {
        var index = start
        while true {
            let word = word(at: index)
            let stops = ByteWord.asciiStringStops(word)
            if stops != 0 {
                let distance = ByteWord.distance(stops)
                return UInt8(truncatingIfNeeded: word &>> UInt64(distance &* 8)) == 0x22 ? index &+ distance : -1
            }
            index &+= ByteWord.width
        }
    }
}

extension NotificationHotPath {
    @inline(__always)
    private func word(at index: Int) -> UInt64 { ByteWord.load(base, end: end, at: index) }

    @inline(__always)
    private func byte(at index: Int) -> UInt8 {
        index < end ? base.load(fromByteOffset: index, as: UInt8.self) : 0
    }

    /// The next byte that is not white space, left where it is; 0 at the end.
    @inline(__always)
    private func peek(_ cursor: inout Int) -> UInt8 {
        let byte = byte(at: cursor)
        guard byte <= 0x20 else { return byte }
        cursor = skipSpace(from: cursor)
        return self.byte(at: cursor)
    }

    @inline(never)
    private func skipSpace(from start: Int) -> Int {
        var index = start
        while case let byte = byte(at: index), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            index &+= 1
        }
        return index
    }

    /// The usual case of two steps in one: `:"`, of which the quote is left where it is.
    @inline(__always)
    private func takeColonAndQuote(_ cursor: inout Int) -> Bool {
        guard pair(at: cursor) == 0x223A else { return false }
        cursor &+= 1
        return true
    }

    /// Goes behind the opening quote of the next key; a comma without one leads to the end, where no bracket closes.
    @inline(__always)
    private func takeNextKey(_ cursor: inout Int) -> Bool {
        if pair(at: cursor) == 0x222C {
            cursor &+= 2
            return true
        }
        guard take(",", &cursor) else { return false }
        if take("\"", &cursor) { return true }
        cursor = end
        return false
    }

    @inline(__always)
    private func pair(at index: Int) -> UInt16 {
        index <= end &- 2 ? UInt16(littleEndian: (base + index).loadUnaligned(as: UInt16.self)) : 0
    }

    @inline(__always)
    private func take(_ character: Unicode.Scalar, _ cursor: inout Int) -> Bool {
        guard peek(&cursor) == UInt8(truncatingIfNeeded: character.value) else { return false }
        cursor &+= 1
        return true
    }
}
