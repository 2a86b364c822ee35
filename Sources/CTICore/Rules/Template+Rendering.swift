extension Template {
    /// The text, values as they are. An absent or empty value gives its fallback, else nothing.
    public func rendered(_ context: PlanContext) -> String {
        var bytes: [UInt8] = []
        append(to: &bytes, context, percentEncoding: false)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As ``rendered(_:)``, for a URL: of values and fallbacks all but RFC 3986's unreserved characters is
    /// percent-encoded, so that no value can end its place in the URL. Literals stay as they were written.
    public func renderedURL(_ context: PlanContext) -> String {
        var bytes: [UInt8] = []
        append(to: &bytes, context, percentEncoding: true)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Into a buffer of the caller's, which a plan uses for all its templates.
    func append(to bytes: inout [UInt8], _ context: PlanContext, percentEncoding: Bool) {
        let parts = parts.span
        for index in parts.indices {
            switch parts[index] {
            case .literal(let text):
                bytes.append(text)
            case .field(let field, let fallback):
                var value = context.value(of: field)
                if value?.isEmpty ?? true { value = fallback }
                guard let value else { continue }
                if percentEncoding {
                    bytes.appendPercentEncoded(value)
                } else {
                    bytes.append(value)
                }
            }
        }
    }
}

extension [UInt8] {
    /// All but `A-Z a-z 0-9 - . _ ~` as `%XX` of its UTF-8, the hexadecimal digits in upper case.
    mutating func appendPercentEncoded(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            var rest = utf8[...]
            // Most values need no encoding at all, or in a place or two: what lies between is copied in one go.
            while let special = Self.firstReserved(in: utf8, from: rest.startIndex) {
                append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<special]))
                append(UInt8(ascii: "%"))
                append((utf8[special] >> 4).hexadecimalDigit)
                append((utf8[special] & 15).hexadecimalDigit)
                rest = rest[(special + 1)...]
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: rest))
        }
    }

    /// Eight bytes at a time, as long as there are so many.
    private static func firstReserved(in utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let bytes = UnsafeRawBufferPointer(utf8)
        var index = start
        while index &+ 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let reserved = ~word.unreserved & ByteWord.highBits
            if reserved != 0 { return index &+ ByteWord.distance(reserved) }
            index &+= 8
        }
        while index < bytes.count, bytes[index].isUnreserved { index &+= 1 }
        return index < bytes.count ? index : nil
    }

    /// `text` as it is.
    mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }
}

extension UInt64 {
    /// The top bit of each of eight bytes that is ``UInt8/isUnreserved``. Other bits have no meaning.
    @inline(__always)
    fileprivate var unreserved: UInt64 {
        let low = self & ~ByteWord.highBits
        let lower = low | 0x2020_2020_2020_2020
        let letters = lower.within(0x61, 0x7A) | low.within(0x5F, 0x5F) | low.within(0x7E, 0x7E)
        return (letters | low.within(0x30, 0x39) | low.within(0x2D, 0x2E)) & ~self
    }

    /// The top bit of each byte from `first` to `last`; all bytes are below 0x80, so that no sum reaches its neighbour.
    @inline(__always)
    private func within(_ first: UInt64, _ last: UInt64) -> UInt64 {
        (self &+ (0x80 &- first) &* 0x0101_0101_0101_0101) & ~(self &+ (0x7F &- last) &* 0x0101_0101_0101_0101)
    }
}

extension UInt8 {
    /// RFC 3986, section 2.3: a bit for each byte below 64, and one for each from 64 to 127.
    fileprivate var isUnreserved: Bool {
        let bits = self < 64 ? 0x03FF_6000_0000_0000 : self < 128 ? 0x47FF_FFFE_87FF_FFFE : 0 as UInt64
        return bits >> (UInt64(self) & 63) & 1 == 1
    }

    fileprivate var hexadecimalDigit: UInt8 { self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "A") - 10 + self }
}
