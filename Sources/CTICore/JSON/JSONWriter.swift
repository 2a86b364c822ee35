/// Writes compact JSON straight into bytes, keys in the order given.
///
/// Frames and log records are written once for each event; going through `Codable` costs ten times as much.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    public mutating func array(_ elements: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "["))
        elements(&self)
        close(UInt8(ascii: "]"))
    }

    public mutating func key(_ name: String) {
        separate()
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func value(_ text: String?) {
        separate()
        if let text { appendQuoted(text) } else { appendRaw("null") }
        needsComma = true
    }

    public mutating func value(_ flag: Bool) { raw(flag ? "true" : "false") }
    public mutating func value(_ number: Int64) { raw(String(number)) }
    public mutating func null() { raw("null") }

    /// JSON that is already written, taken as it is.
    public mutating func raw(_ json: String) {
        separate()
        appendRaw(json)
        needsComma = true
    }

    /// JSON that is already written, taken as it is.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// A key that is already quoted and escaped.
    mutating func rawKey(_ quoted: [UInt8]) {
        separate()
        bytes.append(contentsOf: quoted)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func begin(object: Bool) { open(UInt8(ascii: object ? "{" : "[")) }
    mutating func end(object: Bool) { close(UInt8(ascii: object ? "}" : "]")) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendRaw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
                bytes.append(contentsOf: utf8)
            } else {
                for byte in utf8 { appendEscaped(byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case 0x22: appendRaw("\\\"")
        case 0x5C: appendRaw("\\\\")
        case 0x0A: appendRaw("\\n")
        case 0x0D: appendRaw("\\r")
        case 0x09: appendRaw("\\t")
        case 0..<0x20: appendRaw("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
        default: bytes.append(byte)
        }
    }
}

extension JSONWriter {
    public mutating func member(_ name: String, _ text: String?) {
        key(name)
        value(text)
    }

    public mutating func member(_ name: String, _ flag: Bool) {
        key(name)
        value(flag)
    }

    public mutating func member(_ name: String, _ number: Int64) {
        key(name)
        value(number)
    }

    /// Left out where absent.
    public mutating func optionalMember(_ name: String, _ text: String?) {
        if let text { member(name, text) }
    }

    public mutating func member(_ name: String, json: [UInt8]) {
        key(name)
        raw(json)
    }

    /// A number given by its digits, `null` where absent.
    public mutating func member(_ name: String, number digits: String?) {
        key(name)
        raw(digits ?? "null")
    }

    public mutating func member(_ name: String, _ moment: Timestamp?) {
        member(name, moment?.description)
    }

    public mutating func member(_ name: String, object members: (inout JSONWriter) -> Void) {
        key(name)
        object(members)
    }

    public mutating func member(_ name: String, array elements: (inout JSONWriter) -> Void) {
        key(name)
        array(elements)
    }
}
