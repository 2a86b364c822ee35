/// Eight bytes of text in one register, the first of them lowest, searched without a branch a byte.
enum ByteWord {
    static let width = 8
    @inline(__always) static var highBits: UInt64 { 0x8080_8080_8080_8080 }
    @inline(__always) private static var ones: UInt64 { 0x0101_0101_0101_0101 }

    @inline(__always)
    static func load(_ pointer: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
    }

    /// Eight bytes from `index`, zeros where the text is over: never a read outside of it. `end` is at least eight.
    @inline(__always)
    static func load(_ base: UnsafeRawPointer, end: Int, at index: Int) -> UInt64 {
        if index <= end &- width { return load(base + index) }
        guard index < end else { return 0 }
        return load(base + (end &- width)) &>> UInt64((index &+ width &- end) &* 8)
    }

    /// All of `bytes`, at most eight, filled up with zeros.
    @inline(__always)
    static func load(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
        if bytes.count == width { return load(base) }
        // Two halves that overlap cover four to seven bytes without a read beyond them.
        guard bytes.count >= 4 else { return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        let low = UInt64(UInt32(littleEndian: base.loadUnaligned(as: UInt32.self)))
        let rest = bytes.count &- 4
        let high = UInt64(UInt32(littleEndian: (base + rest).loadUnaligned(as: UInt32.self)))
        return low | high &<< UInt64(rest &* 8)
    }

    /// The first eight bytes of a literal; folded when compiled.
    @inline(__always)
    static func literal(_ text: StaticString) -> UInt64 { load(text.utf8Start) }

    /// The top bit of the first byte that cannot stand in a plain JSON string: a quote, a backslash or a control
    /// character. Bits above the lowest may be wrong, because a subtraction borrows from the next byte.
    @inline(__always)
    static func stringStops(_ word: UInt64) -> UInt64 {
        (below(word) & ~word) & highBits
    }

    /// As `stringStops`, and at bytes that are not ASCII.
    @inline(__always)
    static func asciiStringStops(_ word: UInt64) -> UInt64 {
        (below(word) | word) & highBits
    }

    /// Bytes until the lowest stop.
    @inline(__always)
    static func distance(_ stops: UInt64) -> Int { stops.trailingZeroBitCount &>> 3 }

    @inline(__always)
    private static func below(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* 0x22)
        let backslashes = word ^ (ones &* 0x5C)
        return (quotes &- ones) | (backslashes &- ones) | (word &- (ones &* 0x20))
    }
}
