import CTICore

/// What stands for a call's reference in memory: 16 bytes instead of a string, and nothing to be hashed again.
///
/// Two polynomials of the text's bytes modulo the prime 2⁶¹ − 1, at two secret points that are drawn when the process
/// starts. Different texts of n bytes share a fingerprint for fewer than (n/7 + 2)² of the 2¹²² pairs of points: for a
/// million calls at once, that is less than once in 10²³; and who does not know the points cannot look for a pair.
struct CallFingerprint: Hashable, Sendable {
    let first: UInt64
    let second: UInt64

    private static let points = (UInt64.random(in: 1..<prime), UInt64.random(in: 1..<prime))
    private static var prime: UInt64 { 1 << 61 - 1 }

    init(_ ref: CallRef) {
        let fingerprint = ref.rawValue.utf8.withContiguousStorageIfAvailable { Self(UnsafeRawBufferPointer($0)) }
        self = fingerprint ?? Array(ref.rawValue.utf8).withUnsafeBytes { Self($0) }
    }

    private init(_ text: UnsafeRawBufferPointer) {
        let points = Self.points
        var (first, second, at): (UInt64, UInt64, Int) = (0, 0, 0)
        // Seven bytes at a time are less than the prime.
        while at &+ 8 <= text.count {
            let word = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: at, as: UInt64.self)) & (1 << 56 - 1)
            (first, second) = (Self.step(first, word, points.0), Self.step(second, word, points.1))
            at &+= 7
        }
        var rest: UInt64 = 0
        for index in at..<text.count { rest = rest << 8 | UInt64(text[index]) }
        // The length tells texts apart that differ in zeros alone.
        (first, second) = (Self.step(first, rest, points.0), Self.step(second, rest, points.1))
        let length = UInt64(text.count)
        (first, second) = (Self.step(first, length, points.0), Self.step(second, length, points.1))
        self.first = first % Self.prime
        self.second = second % Self.prime
    }

    /// `(sum + word) · point`, not quite reduced: below 2⁶¹ + 4.
    @inline(__always)
    private static func step(_ sum: UInt64, _ word: UInt64, _ point: UInt64) -> UInt64 {
        let (high, low) = (sum &+ word).multipliedFullWidth(by: point)
        let folded = (low & prime) &+ (high &<< 3 | low &>> 61)
        return (folded & prime) &+ folded &>> 61
    }
}
