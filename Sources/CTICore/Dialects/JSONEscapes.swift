/// The escapes of JSON's strings.
enum JSONEscapes {
    /// The content of a string whose escapes were found to be well formed and whose surrogates pair up.
    static func resolve(_ raw: UnsafeRawBufferPointer) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            if raw[index] == UInt8(ascii: "\\"), index + 1 < raw.count {
                index = append(escapeAt: index, of: raw, to: &content)
            } else {
                content.append(raw[index])
                index += 1
            }
        }
        return content
    }

    private static func append(escapeAt index: Int, of raw: UnsafeRawBufferPointer, to content: inout [UInt8]) -> Int {
        guard raw[index + 1] == UInt8(ascii: "u") else {
            content.append(character(of: raw[index + 1]))
            return index + 2
        }
        let unit = codeUnit(in: raw, at: index + 2) ?? 0xFFFD
        guard UTF16.isLeadSurrogate(unit), let trail = codeUnit(in: raw, at: index + 8) else {
            appendUTF8(UInt32(unit), to: &content)
            return index + 6
        }
        appendUTF8(0x1_0000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF)), to: &content)
        return index + 12
    }

    /// The four hexadecimal digits from `index`; `nil` where there are none.
    static func codeUnit(in bytes: UnsafeRawBufferPointer, at index: Int) -> UInt16? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = hexadecimal(byte) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// Whether `\` and this byte are an escape of two characters.
    static func isSimple(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            true
        default: false
        }
    }

    private static func character(of escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func appendUTF8(_ scalar: UInt32, to content: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else { return content.append(contentsOf: "\u{FFFD}".utf8) }
        content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
