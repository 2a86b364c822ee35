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
            while let special = rest.firstIndex(where: { !$0.isUnreserved }) {
                append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<special]))
                append(UInt8(ascii: "%"))
                append((utf8[special] >> 4).hexadecimalDigit)
                append((utf8[special] & 15).hexadecimalDigit)
                rest = rest[(special + 1)...]
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: rest))
        }
    }

    /// `text` as it is.
    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
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
