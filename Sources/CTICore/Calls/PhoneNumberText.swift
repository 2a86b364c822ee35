/// A number as somebody wrote it, reduced to what counts: its digits, and whether it began with a plus.
///
/// Brackets, dots, slashes, dashes and spaces of any script go; `tel:`, `callto:` and `sip:` go with their parameters;
/// an extension goes. Letters, and signs that no number holds, make it no number at all: a wrong match would show a
/// stranger's record.
struct PhoneNumberText {
    private(set) var digits = PhoneNumberDigits()
    private(set) var hasPlus = false
    /// Where a `(0)` stood after other digits: to be dialled at home, and not from abroad.
    private(set) var bracketedZero: Int?

    private var bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    /// `bytes` is read only during this call.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        // What a PBX sends.
        if let plain = PhoneNumberDigits(plain: bytes) {
            digits = plain
            self.bytes = UnsafeBufferPointer(start: nil, count: 0)
            return
        }
        skipScheme()
        guard readAll(), !digits.isEmpty else { return nil }
        self.bytes = UnsafeBufferPointer(start: nil, count: 0)
    }

    /// What one character is to a number.
    private enum Sign {
        case digit(UInt8)
        case plus, separator, bracket, extensionMark, parameter, letter, other
    }

    private mutating func readAll() -> Bool {
        while at < bytes.count {
            let start = at
            switch nextSign() {
            case .digit(let digit): guard digits.append(digit) else { return false }
            case .separator: continue
            case .plus:
                guard digits.isEmpty, !hasPlus else { return false }
                hasPlus = true
            case .bracket: noteBracketedZero()
            case .parameter: return !digits.isEmpty
            case .extensionMark: return !digits.isEmpty && isExtensionTail()
            case .letter: return !digits.isEmpty && isExtensionWord(from: start) && isExtensionTail()
            case .other: return false
            }
        }
        return true
    }

    private mutating func noteBracketedZero() {
        guard !digits.isEmpty, at + 1 < bytes.count else { return }
        if bytes[at] == UInt8(ascii: "0"), bytes[at + 1] == UInt8(ascii: ")") { bracketedZero = digits.count }
    }

    private mutating func nextSign() -> Sign {
        let byte = bytes[at]
        guard byte < 0x80 else { return wideSign() }
        at += 1
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return .digit(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "+"): return .plus
        case UInt8(ascii: "("): return .bracket
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ")"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "~"), 0x09, 0x0A, 0x0D:
            return .separator
        case UInt8(ascii: "#"): return .extensionMark
        case UInt8(ascii: ";"), UInt8(ascii: ","): return .parameter
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return .letter
        default: return .other
        }
    }

    /// A character outside ASCII: digits of other scripts, and the many blanks and dashes.
    private mutating func wideSign() -> Sign {
        switch nextScalar() {
        case let scalar where (0xFF10...0xFF19).contains(scalar): .digit(UInt8(truncatingIfNeeded: scalar - 0xFF10))
        case let scalar where (0x0660...0x0669).contains(scalar): .digit(UInt8(truncatingIfNeeded: scalar - 0x0660))
        case let scalar where (0x06F0...0x06F9).contains(scalar): .digit(UInt8(truncatingIfNeeded: scalar - 0x06F0))
        case 0xFF0B: .plus
        case 0xFF08: .bracket
        case 0xFF03: .extensionMark
        // No-break and other blanks, marks of direction, dashes, the soft hyphen, the minus sign.
        case 0x00A0, 0x00AD, 0x1680, 0x2000...0x2015, 0x2028...0x202F, 0x205F...0x206F, 0x2212, 0x2053, 0x223C, 0x3000,
            0x30FC, 0xFEFF:
            .separator
        // Full-width brackets, dash, dot, slash, tilde.
        case 0xFF09, 0xFF0D...0xFF0F, 0xFF3B, 0xFF3D, 0xFF5E: .separator
        case 0: .other
        default: .letter
        }
    }

    /// Reads one character of two to four bytes; 0 for bytes that are no UTF-8.
    private mutating func nextScalar() -> UInt32 {
        let lead = bytes[at]
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard lead >= 0xC2, lead < 0xF8, at + length <= bytes.count else {
            at += 1
            return 0
        }
        var scalar = UInt32(lead) & (0xFF >> UInt32(length + 1))
        for offset in 1..<length { scalar = scalar << 6 | UInt32(bytes[at + offset] & 0x3F) }
        at += length
        return scalar
    }
}

extension PhoneNumberText {
    /// Full words for an extension, in the languages that write them before its digits; `p` and `w` are pauses of a
    /// dialler's.
    private static let extensionWords: Set<String> = [
        "x", "ｘ", "p", "w", "ext", "extn", "extension", "extensión", "int", "interno", "anexo", "dw", "durchwahl",
        "poste", "доб",
    ]

    private mutating func isExtensionWord(from start: Int) -> Bool {
        while at < bytes.count, bytes[at] >= 0x80 || (bytes[at] | 0x20) >= 0x61 && (bytes[at] | 0x20) <= 0x7A {
            at += 1
        }
        // A longer word is none of them, and a very long one is not worth lower-casing.
        guard at - start <= 16 else { return false }
        let word = String(decoding: bytes[start..<at], as: UTF8.self)
        return Self.extensionWords.contains(word.lowercased())
    }

    /// One to nine digits with nothing after them, which are left out.
    private mutating func isExtensionTail() -> Bool {
        var length = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): length += 1
            case UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: "#"),
                UInt8(ascii: "-"), UInt8(ascii: ")"), 0x09, 0x0A, 0x0D:
                continue
            case UInt8(ascii: ";"), UInt8(ascii: ","): return (1...9).contains(length)
            default: return false
            }
        }
        return (1...9).contains(length)
    }

    private static let schemes: [(name: [UInt8], endsAtHost: Bool)] = [
        (Array("tel:".utf8), false), (Array("callto:".utf8), false), (Array("sip:".utf8), true),
        (Array("sips:".utf8), true),
    ]

    /// Passes `tel:` and its like. Of a SIP address the host goes, too.
    private mutating func skipScheme() {
        while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 }
        guard at < bytes.count, (bytes[at] | 0x20) >= UInt8(ascii: "a") else { return }
        for scheme in Self.schemes where begins(with: scheme.name) {
            at += scheme.name.count
            if scheme.endsAtHost, let host = bytes[at...].firstIndex(of: UInt8(ascii: "@")) {
                bytes = UnsafeBufferPointer(rebasing: bytes[..<host])
            }
            return
        }
    }

    private func begins(with name: [UInt8]) -> Bool {
        guard bytes.count - at >= name.count else { return false }
        return name.indices.allSatisfy { bytes[at + $0] | 0x20 == name[$0] | 0x20 }
    }
}
