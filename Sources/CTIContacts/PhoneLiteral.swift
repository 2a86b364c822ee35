/// What can be compared of a phone field that is not one of the world's numbers: its digits, or the text itself.
///
/// Seven digits or more are taken as a national number, without the zeros that may stand in front of it; fewer are an
/// extension, and compared as they are. Text without a digit other than zero is nobody's: `anonymous`, `unknown`, `00`.
struct PhoneLiteral: Hashable {
    let text: String
    let isNational: Bool

    init?(_ phone: String) {
        let text = phone.trimmed
        guard text.utf8.contains(where: { $0 >= 0x31 && $0 <= 0x39 }) else { return nil }
        guard text.utf8.allSatisfy(Self.isDigitOrSeparator) else {
            self.text = text.lowercased()
            isNational = false
            return
        }
        let digits = text.utf8.filter { $0 >= 0x30 && $0 <= 0x39 }
        isNational = digits.count >= 7
        let significant = isNational ? digits.drop { $0 == 0x30 } : digits[...]
        self.text = String(decoding: significant, as: UTF8.self)
    }

    private static func isDigitOrSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "/"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: " "):
            true
        default: false
        }
    }
}

extension String {
    /// Without blanks and line ends around it. Most texts have none, and are returned as they are.
    var trimmed: String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D }
        guard let first = utf8.first, let last = utf8.last, isBlank(first) || isBlank(last) else { return self }
        let rest = utf8.drop(while: isBlank)
        guard let end = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(rest[...end]))
    }
}
