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
        for part in parts {
            switch part {
            case .literal(let text):
                bytes.append(contentsOf: text.utf8)
            case .field(let field, let fallback):
                var value = context.value(of: field)
                if value?.isEmpty ?? true { value = fallback }
                guard let value else { continue }
                if percentEncoding {
                    bytes.appendPercentEncoded(value)
                } else {
                    bytes.append(contentsOf: value.utf8)
                }
            }
        }
    }
}

extension [UInt8] {
    /// All but `A-Z a-z 0-9 - . _ ~` as `%XX` of its UTF-8, the hexadecimal digits in upper case.
    mutating func appendPercentEncoded(_ text: String) {
        for byte in text.utf8 {
            if byte.isUnreserved {
                append(byte)
            } else {
                append(UInt8(ascii: "%"))
                append((byte >> 4).hexadecimalDigit)
                append((byte & 15).hexadecimalDigit)
            }
        }
    }
}

extension UInt8 {
    /// RFC 3986, section 2.3.
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    fileprivate var hexadecimalDigit: UInt8 { self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "A") - 10 + self }
}
