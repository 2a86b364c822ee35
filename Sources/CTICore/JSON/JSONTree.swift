/// Any JSON value with all that is in it, numbers as they were written: an id of twenty digits keeps them.
public enum JSONTree: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    /// Of members with one name the last counts.
    case object([String: JSONTree])

    /// So deep a text may be nested; what is deeper is refused, since values are put together and taken apart recursively.
    public static let deepest = 64

    /// - Throws: `not-utf8`; `not-json`, also for what is nested too deep.
    public init(_ text: [UInt8]) throws(DecodeFailure) {
        var failure: DecodeFailure?
        var tree = JSONTree.null
        text.withUnsafeBytes { bytes in
            do throws(DecodeFailure) { tree = try Self.read(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
        self = tree
    }

    /// A member of an object; `nil` of anything else.
    public subscript(name: String) -> JSONTree? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The text of a string, or a number as it was written.
    public var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .null, .bool, .array, .object: nil
        }
    }
}

extension JSONTree {
    /// An object or an array that is not over yet.
    private struct Open {
        var isObject: Bool
        var name = ""
        var members: [String: JSONTree] = [:]
        var elements: [JSONTree] = []

        mutating func add(_ value: JSONTree) {
            if isObject { members[name] = value } else { elements.append(value) }
        }

        var closed: JSONTree { isObject ? .object(members) : .array(elements) }
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) -> JSONTree {
        guard UTF8Text.isValid(bytes) else { throw DecodeFailure(.notUTF8, "the text is not UTF-8") }
        let text = UTF8Text.withoutByteOrderMark(bytes)
        var scanner = JSONScanner(text, relaxed: false)
        var open = [Open(isObject: false)]
        while true {
            switch try scanner.next() {
            case .key(let token): open[open.count - 1].name = token.string(in: text) ?? ""
            case .scalar(let token): open[open.count - 1].add(value(of: token, in: text))
            case .objectStart: open.append(Open(isObject: true))
            case .arrayStart: open.append(Open(isObject: false))
            case .containerEnd: if let value = open.popLast()?.closed { open[open.count - 1].add(value) }
            case .end: return open[0].elements.first ?? .null
            }
            guard open.count <= deepest else { throw DecodeFailure(.notJSON, "expected at most \(deepest) levels") }
        }
    }

    private static func value(of token: JSONToken, in text: UnsafeRawBufferPointer) -> JSONTree {
        switch token.kind {
        case .plainString, .escapedString: .string(token.string(in: text) ?? "")
        case .integer, .otherNumber: .number(String(decoding: token.raw(in: text), as: UTF8.self))
        case .bool: .bool(token.raw(in: text).first == UInt8(ascii: "t"))
        case .absent, .null, .object, .array: .null
        }
    }
}
