/// What is to know of a text's encoding before it is read.
enum UTF8Text {
    /// Steps over ASCII eight bytes at a time; only a text with more in it goes to the standard library.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var index = 0
        while index <= bytes.count - 8, ByteWord.load(base + index) & ByteWord.highBits == 0 { index += 8 }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        if index == bytes.count { return true }
        return String(validating: bytes[index...], as: UTF8.self) != nil
    }

    static func withoutByteOrderMark(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return bytes }
        return UnsafeRawBufferPointer(rebasing: bytes.dropFirst(3))
    }
}
