/// Turns UTF-16, as Outlook and Excel write it, into UTF-8, a piece at a time.
struct UTF16Text {
    private let isBigEndian: Bool
    private var pending: [UInt8] = []

    /// `nil` where the file does not begin as UTF-16 does: with its mark, or with an ASCII letter in two bytes.
    init?(start: [UInt8]) {
        guard start.count >= 2 else { return nil }
        switch (start[0], start[1]) {
        case (0xFF, 0xFE): isBigEndian = false
        case (0xFE, 0xFF): isBigEndian = true
        case (1..<0x80, 0) where start.count >= 4 && start[2] != 0 && start[3] == 0: isBigEndian = false
        case (0, 1..<0x80) where start.count >= 4 && start[2] == 0 && start[3] != 0: isBigEndian = true
        default: return nil
        }
    }

    /// What is cut off at the end of a piece waits for the next one.
    mutating func utf8(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        let bytes = pending + bytes
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for at in stride(from: 0, to: bytes.count - 1, by: 2) {
            let (first, second) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
            units.append(isBigEndian ? first << 8 | second : second << 8 | first)
        }
        pending = bytes.count % 2 == 1 ? [bytes[bytes.count - 1]] : []
        if !isLast, let last = units.last, UTF16.isLeadSurrogate(last) {
            pending = Array(bytes[(units.count * 2 - 2)...])
            units.removeLast()
        }
        units.removeAll { $0 == 0xFEFF }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}
