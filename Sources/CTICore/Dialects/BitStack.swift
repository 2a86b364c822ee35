/// A stack of flags, 64 in a word: a megabyte of brackets takes 128 KiB of heap and no stack.
struct BitStack: Sendable {
    private var words: [UInt64] = []
    private(set) var count = 0

    var top: Bool? {
        guard count > 0 else { return nil }
        return words[(count - 1) >> 6] >> UInt64((count - 1) & 63) & 1 == 1
    }

    mutating func push(_ flag: Bool) {
        let (word, bit) = (count >> 6, UInt64(1) << UInt64(count & 63))
        if word == words.count { words.append(0) }
        if flag { words[word] |= bit } else { words[word] &= ~bit }
        count += 1
    }

    mutating func pop() {
        if count > 0 { count -= 1 }
    }
}
