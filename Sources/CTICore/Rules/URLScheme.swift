/// What stands before the first colon of a URL, read as browsers read it (WHATWG URL, basic URL parser): controls and
/// spaces in front are skipped, tabs and line ends are skipped everywhere, case does not count.
public enum URLScheme {
    /// They run code, or read what is not theirs; no tenant can allow them.
    public static let neverAllowed: Set<String> = ["javascript", "data", "vbscript", "file", "blob"]

    /// In lower case; `nil` where there is none, as in `//host` or `/path`.
    public static func of(_ url: String) -> String? { of(url.utf8) }

    static func of(_ url: some Collection<UInt8>) -> String? {
        let trimmed = url.drop { $0 <= 0x20 }
        var length = 0
        for byte in trimmed where !byte.isSkipped {
            if byte == UInt8(ascii: ":") { return length == 0 ? nil : text(trimmed, length) }
            guard byte.isSchemeByte(first: length == 0) else { return nil }
            length += 1
        }
        return nil
    }

    /// `nil` where a browser may open the URL.
    static func refusal(of url: some Collection<UInt8>, allowed: Set<String>) -> URLRefusal? {
        guard let scheme = of(url) else { return .noScheme }
        if neverAllowed.contains(scheme) { return .neverAllowed(scheme) }
        return allowed.contains(scheme) ? nil : .notAllowed(scheme)
    }

    /// The first `length` bytes that count. Schemes are short: such a string lives without the heap.
    private static func text(_ url: some Collection<UInt8>, _ length: Int) -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            var count = 0
            for byte in url where !byte.isSkipped && count < length {
                buffer[count] = byte.lowercasedASCII
                count += 1
            }
            return count
        }
    }
}

/// Why a URL is not opened. It keeps the scheme alone: the rest may hold what a caller typed.
public enum URLRefusal: Hashable, Sendable {
    case noScheme
    case notAllowed(String)
    case neverAllowed(String)

    /// For people, to follow "its address".
    public var text: String {
        switch self {
        case .noScheme: "does not begin with https:// or the like"
        case .notAllowed(let scheme): "begins with \"\(scheme):\", which the configuration does not allow"
        case .neverAllowed(let scheme): "begins with \"\(scheme):\", which is never allowed"
        }
    }
}

extension UInt8 {
    /// Tab, line feed and carriage return: a browser drops them wherever they stand.
    fileprivate var isSkipped: Bool { self == 0x09 || self == 0x0A || self == 0x0D }

    fileprivate func isSchemeByte(first: Bool) -> Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): !first
        default: false
        }
    }

    fileprivate var lowercasedASCII: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
