internal import Glibc
internal import Synchronization

/// 128 random bits as 32 hexadecimal digits: names that cannot be guessed, and need no counter that outlives a restart.
enum RandomIdentifier {
    private static let pool = Mutex(RandomPool())

    static func text() -> String {
        let words = pool.withLock { ($0.next(), $0.next()) }
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for index in 0..<32 {
                let word = index < 16 ? words.0 : words.1
                let digit = UInt8(truncatingIfNeeded: word >> UInt64((index & 15) * 4)) & 15
                buffer[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 32
        }
    }
}

/// The kernel's randomness, fetched for many names at a time: a system call for each word costs as much as all the
/// planning that the name is for.
private struct RandomPool {
    private var words = [UInt64](repeating: 0, count: 64)
    private var used = 64

    /// Each word is given away once.
    mutating func next() -> UInt64 {
        if used == words.count { refill() }
        defer { used += 1 }
        return words[used]
    }

    private mutating func refill() {
        words.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { arc4random_buf(start, bytes.count) }
        }
        used = 0
    }
}

extension PopID { public static func random() -> PopID { PopID(RandomIdentifier.text()) } }
extension SessionID { public static func random() -> SessionID { SessionID(RandomIdentifier.text()) } }
