/// A JSON object, one level deep: names, and values as they were written. What is not read passes through untouched.
public struct JSONObject: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSONFragment
    }

    /// In the order of the text. Of members with one name the last counts, and the others are left out.
    public private(set) var members: [Member] = []

    public init() {}

    /// Checks the whole text, however deep it is nested.
    ///
    /// - Parameter relaxed: unquoted keys and missing commas are fine; values are kept in strict notation.
    /// - Throws: `not-utf8`, `not-json`, `not-an-object`, and `wrong-type` for half a surrogate pair.
    public init(_ text: [UInt8], relaxed: Bool = false) throws(DecodeFailure) {
        let text = relaxed ? try Self.strict(text) : text
        var failure: DecodeFailure?
        text.withUnsafeBytes { bytes in
            do throws(DecodeFailure) { try read(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Members that were read before, put together again.
    public init(_ written: [VendorMember]) {
        members = written.map { Member(name: $0.name, value: JSONFragment(written: $0.json)) }
        keepLast()
    }

    public subscript(name: String) -> JSONFragment? { members.last { $0.name == name }?.value }

    /// Those that none of `names` names.
    public func others(than names: Set<String>) -> [VendorMember] {
        members.filter { !names.contains($0.name) }.map { VendorMember(name: $0.name, json: $0.value.bytes) }
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
        guard UTF8Text.isValid(bytes) else { throw DecodeFailure(.notUTF8, "the text is not UTF-8") }
        let text = UTF8Text.withoutByteOrderMark(bytes)
        var scanner = JSONScanner(text, relaxed: false)
        var (depth, start) = (0, 0)
        var name = ""
        var isObject = false
        loop: while true {
            switch try scanner.next() {
            case .key(let token):
                if depth == 1 { name = token.string(in: text) ?? "" }
            case .scalar(let token):
                if depth == 1, isObject { set(name, JSONFragment(token, in: text)) }
            case .objectStart:
                if depth == 0 { isObject = true }
                if depth == 1 { start = scanner.position - 1 }
                depth += 1
            case .arrayStart:
                if depth == 1 { start = scanner.position - 1 }
                depth += 1
            case .containerEnd:
                depth -= 1
                guard depth == 1, isObject else { continue }
                set(name, JSONFragment(container: text[start..<scanner.position]))
            case .end: break loop
            }
        }
        keepLast()
        guard isObject else { throw DecodeFailure(.notAnObject, "expected an object at the top") }
        if let offset = scanner.loneSurrogate {
            throw DecodeFailure(.wrongType, "byte \(offset): half a surrogate pair is no text")
        }
    }

    private mutating func set(_ name: String, _ value: JSONFragment) {
        members.append(Member(name: name, value: value))
    }

    /// At once for all: a text may be thousands of members.
    private mutating func keepLast() {
        var seen: Set<String> = []
        members = members.reversed().filter { seen.insert($0.name).inserted }.reversed()
    }

    /// The same text with quoted keys and commas.
    private static func strict(_ text: [UInt8]) throws(DecodeFailure) -> [UInt8] {
        var json = JSONWriter(capacity: text.count + 64)
        var failure: DecodeFailure?
        text.withUnsafeBytes { bytes in
            guard UTF8Text.isValid(bytes) else {
                failure = DecodeFailure(.notUTF8, "the text is not UTF-8")
                return
            }
            do throws(DecodeFailure) {
                try rewrite(UTF8Text.withoutByteOrderMark(bytes), to: &json)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return json.bytes
    }

    private static func rewrite(
        _ text: UnsafeRawBufferPointer, to json: inout JSONWriter
    ) throws(DecodeFailure) {
        var scanner = JSONScanner(text, relaxed: true)
        var containers = BitStack()
        while true {
            switch try scanner.next() {
            case .key(let token): json.rawKey(JSONFragment.written(token, in: text))
            case .scalar(let token): json.raw(JSONFragment.written(token, in: text))
            case .objectStart:
                containers.push(true)
                json.begin(object: true)
            case .arrayStart:
                containers.push(false)
                json.begin(object: false)
            case .containerEnd:
                json.end(object: containers.top ?? false)
                containers.pop()
            case .end: return
            }
        }
    }
}

/// A value of a JSON text, as it was written but for white space.
public struct JSONFragment: Hashable, Sendable {
    /// Strict JSON, quotes and all.
    public let bytes: [UInt8]

    init(_ token: JSONToken, in text: UnsafeRawBufferPointer) { bytes = Self.written(token, in: text) }
    /// An object or an array, without the white space between its tokens: what is passed on stays on its line.
    init(container: some Sequence<UInt8>) {
        var compact: [UInt8] = []
        compact.reserveCapacity(container.underestimatedCount)
        var (inString, isEscaped) = (false, false)
        for byte in container {
            if !inString, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { continue }
            if byte == UInt8(ascii: "\""), !isEscaped { inString.toggle() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            compact.append(byte)
        }
        bytes = compact
    }

    init(written: [UInt8]) { bytes = written }

    fileprivate static func written(_ token: JSONToken, in text: UnsafeRawBufferPointer) -> [UInt8] {
        let raw = token.raw(in: text)
        guard token.isString else { return Array(raw) }
        return [UInt8(ascii: "\"")] + raw + [UInt8(ascii: "\"")]
    }

    public var isNull: Bool { bytes == Array("null".utf8) }
    public var isObject: Bool { bytes.first == UInt8(ascii: "{") }
    public var bool: Bool? { bytes == Array("true".utf8) ? true : bytes == Array("false".utf8) ? false : nil }

    /// The text of a string; `nil` for all else.
    public var string: String? {
        guard bytes.first == UInt8(ascii: "\"") else { return nil }
        return bytes.dropFirst().dropLast().withUnsafeBytes {
            String(decoding: JSONEscapes.resolve($0), as: UTF8.self)
        }
    }

    /// The text of a string, or the digits of a whole number: systems send numbers either way.
    public var text: String? { string ?? (isInteger ? String(decoding: bytes, as: UTF8.self) : nil) }

    /// A whole number, also one in quotes.
    public var integer: Int? { text.flatMap { Int($0) } }

    private var isInteger: Bool { !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) } }

    /// - Throws: `wrong-type` where it is none.
    public func object(_ path: String) throws(DecodeFailure) -> JSONObject {
        guard isObject else { throw DecodeFailure(.wrongType, "\(path): expected an object") }
        return try JSONObject(bytes)
    }
}
