import Foundation

/// Texts of old programs, which are not in UTF-8.
enum Charset {
    /// In the character set that was named, where it is known and the bytes fit it; else in the one that they look like.
    static func text(_ bytes: [UInt8], named name: String?) -> String {
        let key = name.map { $0.uppercased().filter { $0.isLetter || $0.isNumber } }
        if let key, let encoding = known[key], let text = String(bytes: bytes, encoding: encoding) { return text }
        // Foundation here has no Latin-9; it is Latin-1 but for eight characters.
        if key == "ISO885915" { return latin9(bytes) }
        return bytes.withUnsafeBufferPointer(guessed)
    }

    /// UTF-8; where it is none, Windows-1252, which most old exports are in.
    static func guessed(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(bytes: bytes, encoding: .windowsCP1252) ?? latin1(bytes)
    }

    private static let known: [String: String.Encoding] = [
        "ISO88591": .isoLatin1, "LATIN1": .isoLatin1, "ISO88592": .isoLatin2, "LATIN2": .isoLatin2,
        "WINDOWS1250": .windowsCP1250, "CP1250": .windowsCP1250, "WINDOWS1251": .windowsCP1251,
        "CP1251": .windowsCP1251, "WINDOWS1252": .windowsCP1252, "CP1252": .windowsCP1252,
        "WINDOWS1253": .windowsCP1253, "CP1253": .windowsCP1253, "WINDOWS1254": .windowsCP1254,
        "CP1254": .windowsCP1254, "SHIFTJIS": .shiftJIS, "SJIS": .shiftJIS, "EUCJP": .japaneseEUC,
        "ISO2022JP": .iso2022JP, "MACINTOSH": .macOSRoman, "UTF16": .utf16, "UTF16LE": .utf16LittleEndian,
        "UTF16BE": .utf16BigEndian,
    ]

    private static func latin1(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(Unicode.Scalar(byte)) }
        return String(text)
    }

    private static func latin9(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(beyondLatin1[byte] ?? Unicode.Scalar(byte)) }
        return String(text)
    }

    private static let beyondLatin1: [UInt8: Unicode.Scalar] = [
        0xA4: "€", 0xA6: "Š", 0xA8: "š", 0xB4: "Ž", 0xB8: "ž", 0xBC: "Œ", 0xBD: "œ", 0xBE: "Ÿ",
    ]
}
