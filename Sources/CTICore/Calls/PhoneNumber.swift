/// One of the world's telephone numbers, in 8 bytes: its E.164 digits as a decimal number.
///
/// Calling codes never begin with a zero, so digits and value are one to one; the longest have 19 digits.
public struct PhoneNumber: Hashable, Sendable {
    /// The digits of the E.164 form, read as a number: 27821234567.
    public let packed: UInt64

    /// Takes what a directory stored; nothing is checked.
    public init(packed: UInt64) { self.packed = packed }

    /// Reads a number as people write it, see ``NumberPlan/e164(_:region:)``.
    public init?(_ text: String, region: String) {
        var text = text
        guard let packed = text.withUTF8({ NumberPlan.packed($0, region: region) }) else { return nil }
        self.packed = packed
    }

    /// `+27821234567`
    public var e164: String {
        var (rest, length) = (packed, 1)
        while rest > 0 { (rest, length) = (rest / 10, length + 1) }
        // No more room than is needed: up to 15 bytes, which nearly all have, are stored in the `String` itself.
        return String(unsafeUninitializedCapacity: length) { buffer in
            rest = packed
            buffer[0] = UInt8(ascii: "+")
            for index in stride(from: length - 1, to: 0, by: -1) {
                buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return length
        }
    }

    /// The digits after the calling code; `nil` where no country has that code.
    public var nationalSignificant: String? { NumberPlan.nationalSignificant(e164) }

    /// The calling code's digits as a number: 27. `nil` where no country has it.
    public var callingCode: Int? {
        let first = PhoneNumberDigits(leading: packed)
        return NumberPlanTable.shared.region(callingCodeOf: first).map { Int(truncatingIfNeeded: $0.code.value) }
    }
}
