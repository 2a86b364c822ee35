/// A number as those may see it who must not see it: its last two digits, the others as asterisks.
public enum MaskedNumber {
    public static func mask(_ number: String) -> String {
        let digits = number.filter { $0.isNumber }
        guard digits.count > 2 else { return String(repeating: "*", count: digits.count) }
        return String(repeating: "*", count: digits.count - 2) + digits.suffix(2)
    }
}
