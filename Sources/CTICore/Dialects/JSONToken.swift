/// A value (or key) of a JSON text: what it is and where its content lies, `start..<end`, quotes left out.
struct JSONToken: Sendable {
    enum Kind: UInt8, Sendable {
        case absent, null
        /// Without escapes: its bytes are its content.
        case plainString
        case escapedString
        /// Digits only.
        case integer
        /// Negative, or with a fraction or an exponent.
        case otherNumber
        case bool, object, array
    }

    var kind: Kind
    var start: UInt32
    var end: UInt32

    @inline(__always)
    init(_ kind: Kind, _ start: Int, _ end: Int) {
        self.kind = kind
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    static var absent: JSONToken { JSONToken(.absent, 0, 0) }

    @inline(__always)
    var isMissing: Bool { kind == .absent || kind == .null }
    var isString: Bool { kind == .plainString || kind == .escapedString }
    /// An escape always stands for a character, so a string without bytes is the only empty one.
    @inline(__always)
    var isEmptyString: Bool { kind == .plainString && start == end }

    /// Its bytes as they stand in `text`, escapes and all.
    @inline(__always)
    func raw(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: text.baseAddress.map { $0 + Int(start) }, count: Int(end &- start))
    }

    /// Whether it is a string of these at most eight characters, zeros filling up the literal to eight.
    @inline(__always)
    func isWord(_ padded: StaticString, in text: UnsafeRawBufferPointer) -> Bool {
        // A plain string has no zero in it, so that equal words mean equal lengths, too.
        if kind == .plainString {
            return end &- start <= 8 && ByteWord.load(raw(in: text)) == ByteWord.literal(padded)
        }
        return kind == .escapedString && resolvesToWord(padded, in: text)
    }

    private func resolvesToWord(_ padded: StaticString, in text: UnsafeRawBufferPointer) -> Bool {
        let content = JSONEscapes.resolve(raw(in: text))
        guard content.count <= 8, !content.contains(0) else { return false }
        return content.withUnsafeBytes { ByteWord.load($0) } == ByteWord.literal(padded)
    }

    func equals(_ other: StaticString, in text: UnsafeRawBufferPointer) -> Bool {
        let other = UnsafeRawBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount)
        if kind == .plainString { return Self.equal(raw(in: text), other) }
        return kind == .escapedString && JSONEscapes.resolve(raw(in: text)).elementsEqual(other)
    }

    private static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    /// The text of a string, the digits of an integer; `nil` for all else.
    @inline(__always)
    func string(in text: UnsafeRawBufferPointer) -> String? {
        switch kind {
        case .plainString, .integer: Self.copy(raw(in: text))
        case .escapedString: String(decoding: JSONEscapes.resolve(raw(in: text)), as: UTF8.self)
        default: nil
        }
    }

    /// Up to 15 bytes are stored in the `String` itself; filling it in place skips a pass over them.
    private static func copy(_ raw: UnsafeRawBufferPointer) -> String {
        guard let source = raw.baseAddress, raw.count <= 15 else { return String(decoding: raw, as: UTF8.self) }
        return String(unsafeUninitializedCapacity: 15) { buffer in
            copyFew(source, raw.count, to: UnsafeMutableRawBufferPointer(buffer))
            return raw.count
        }
    }

    /// At most 16 bytes, in two halves that overlap: cheaper than a call.
    @inline(__always)
    private static func copyFew(_ source: UnsafeRawPointer, _ count: Int, to target: UnsafeMutableRawBufferPointer) {
        guard let target = target.baseAddress else { return }
        if count >= 8 {
            let rest = count &- 8
            target.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
            (target + rest).storeBytes(of: (source + rest).loadUnaligned(as: UInt64.self), as: UInt64.self)
        } else if count >= 4 {
            let rest = count &- 4
            target.storeBytes(of: source.loadUnaligned(as: UInt32.self), as: UInt32.self)
            (target + rest).storeBytes(of: (source + rest).loadUnaligned(as: UInt32.self), as: UInt32.self)
        } else {
            for index in 0..<count {
                target.storeBytes(
                    of: source.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
            }
        }
    }
}
