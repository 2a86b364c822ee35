/// Up to 32 decimal digits in one register pair, four bits each, the first digit lowest.
///
/// A value type without storage of its own: taking a prefix off, or putting one in front, is a shift.
struct PhoneNumberDigits: Hashable, Sendable {
    static let capacity = 32

    private(set) var bits: UInt128 = 0
    private(set) var count = 0

    init() {}

    /// What is not a digit is left out; so is what comes after the 32nd.
    init(_ text: some StringProtocol) {
        for byte in text.utf8 where byte >= 0x30 && byte <= 0x39 { _ = append(byte &- 0x30) }
    }

    /// One to sixteen digits and nothing else; `nil` for any other text.
    init?(plain text: UnsafeBufferPointer<UInt8>) {
        guard (1...16).contains(text.count) else { return nil }
        var packed: UInt64 = 0
        for index in text.indices.reversed() {
            let digit = text[index] &- 0x30
            guard digit < 10 else { return nil }
            packed = packed &<< 4 | UInt64(digit)
        }
        bits = UInt128(packed)
        count = text.count
    }

    /// The first three digits of a number, or all of a shorter one.
    init(leading number: UInt64) {
        var first = number
        while first >= 1000 { first /= 10 }
        for scale: UInt64 in [100, 10, 1] where first >= scale { _ = append(UInt8(first / scale % 10)) }
    }

    /// Asking past the end gives 0.
    subscript(_ index: Int) -> Int {
        index < Self.capacity ? Int(truncatingIfNeeded: bits &>> UInt128(truncatingIfNeeded: 4 * index)) & 15 : 0
    }

    /// The digits as a decimal number; of more than 19 of them it overflows, silently.
    var value: UInt64 {
        var (value, rest): (UInt64, UInt128) = (0, bits)
        for _ in 0..<count {
            value = value &* 10 &+ (UInt64(truncatingIfNeeded: rest) & 15)
            rest &>>= 4
        }
        return value
    }

    var isEmpty: Bool { count == 0 }

    /// Whether there is no digit but 0.
    var isZero: Bool { bits == 0 }

    /// False, and nothing appended, when it is full.
    mutating func append(_ digit: UInt8) -> Bool {
        guard count < Self.capacity else { return false }
        bits |= UInt128(digit) &<< UInt128(4 * count)
        count += 1
        return true
    }

    func dropFirst(_ number: Int) -> PhoneNumberDigits {
        var rest = self
        rest.bits = number < Self.capacity ? bits &>> UInt128(truncatingIfNeeded: 4 * number) : 0
        rest.count = max(0, count - number)
        return rest
    }

    func prefix(_ number: Int) -> PhoneNumberDigits {
        guard number < count else { return self }
        var head = self
        head.bits &= (1 &<< UInt128(4 * number)) - 1
        head.count = number
        return head
    }

    /// `nil` where it would not fit.
    func prefixed(by head: PhoneNumberDigits) -> PhoneNumberDigits? {
        guard count > 0 else { return head }
        guard head.count + count <= Self.capacity else { return nil }
        var joined = self
        joined.bits = bits &<< UInt128(truncatingIfNeeded: 4 * head.count) | head.bits
        joined.count = head.count + count
        return joined
    }

    func removing(at index: Int) -> PhoneNumberDigits {
        dropFirst(index + 1).prefixed(by: prefix(index)) ?? self
    }

    func hasPrefix(_ head: PhoneNumberDigits) -> Bool { count >= head.count && prefix(head.count) == head }
}
