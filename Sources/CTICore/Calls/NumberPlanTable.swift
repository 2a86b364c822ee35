/// The world's number plans, unpacked from ``NumberPlanData`` on first use: about a thousand states, 20 KB.
///
/// Patterns are walked as an automaton: from a start, a digit leads to the next state, and state 0 leads nowhere.
final class NumberPlanTable: Sendable {
    static let shared = NumberPlanTable()

    /// How a country writes a number at home; the first that fits is applied.
    enum Rule: Sendable {
        /// The whole number fits: `drop` digits go, `prefix` comes in front.
        case whole(start: Int, drop: Int, prefix: PhoneNumberDigits)
        /// After an optional 0 an area code that fits, then `dropped`, which goes, and `prefix` comes in front.
        case marked(start: Int, dropped: PhoneNumberDigits, prefix: PhoneNumberDigits)
        /// The longest prefix that fits goes, where at least `least` digits stay.
        case leading(start: Int, least: Int)
    }

    /// One country's, or one service's, facts.
    final class Region: Sendable {
        let name: String
        let code: PhoneNumberDigits
        let isMain: Bool
        /// Bit n: a number of n digits is possible.
        let lengths: UInt32
        let general: Int
        let international: Int
        /// Ordinary numbers are as short as extensions: on small islands.
        let hasShortNumbers: Bool
        let rules: [Rule]

        fileprivate init?(line: Substring) {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            guard fields.count == 8, let general = Int(fields[4]), let international = Int(fields[5]) else {
                return nil
            }
            name = String(fields[0])
            code = PhoneNumberDigits(fields[1])
            isMain = fields[2] == "1"
            lengths = fields[3].split(separator: ",").reduce(0) { $0 | 1 << (UInt32($1) ?? 0) }
            self.general = general
            self.international = international
            hasShortNumbers = fields[6] == "1"
            rules = fields[7].split(separator: ";").compactMap(NumberPlanTable.rule)
        }

        func allows(length: Int) -> Bool { length < 32 && lengths >> UInt32(length) & 1 == 1 }
    }

    private let states: [UInt16]
    private let byCode: [Region?]
    private let byName: [Region?]

    private init() {
        states = Self.unpackedStates()
        var byCode = [Region?](repeating: nil, count: 1000)
        var byName = [Region?](repeating: nil, count: 26 * 26)
        for region in NumberPlanData.regions.split(separator: "\n").compactMap(Region.init) {
            if region.isMain, let code = Self.key(region.code, region.code.count) { byCode[code] = region }
            if let index = Self.index(region.name) { byName[index] = region }
        }
        self.byCode = byCode
        self.byName = byName
    }

    /// By its two letters, in either case.
    func region(_ name: String) -> Region? { Self.index(name).flatMap { byName[$0] } }

    /// The main region of the calling code that the digits begin with. No calling code is another's beginning.
    func region(callingCodeOf digits: PhoneNumberDigits) -> Region? {
        for length in 1...3 where length <= digits.count {
            if let key = Self.key(digits, length), let region = byCode[key] { return region }
        }
        return nil
    }

    /// Whether all of the digits fit the pattern.
    func fits(_ digits: PhoneNumberDigits, start: Int) -> Bool {
        var (state, bits) = (start, digits.bits)
        for _ in 0..<digits.count {
            state = step(state, Int(truncatingIfNeeded: bits) & 15)
            if state == 0 { return false }
            bits &>>= 4
        }
        return accepts(state)
    }

    /// How many digits the longest prefix that fits has, from `offset` on; `nil` where none does.
    func longestPrefix(_ digits: PhoneNumberDigits, start: Int) -> Int? {
        var (state, bits) = (start, digits.bits)
        var longest: Int?
        for index in 0..<digits.count {
            state = step(state, Int(truncatingIfNeeded: bits) & 15)
            if state == 0 { break }
            bits &>>= 4
            if accepts(state) { longest = index + 1 }
        }
        return longest
    }

    private func step(_ state: Int, _ digit: Int) -> Int { Int(states[state << 4 | digit]) }

    private func accepts(_ state: Int) -> Bool { states[state << 4 | 15] != 0 }

    /// The first digits as a number below 1000; `nil` for a leading zero, which begins no calling code.
    private static func key(_ digits: PhoneNumberDigits, _ length: Int) -> Int? {
        guard digits[0] != 0 else { return nil }
        return (0..<length).reduce(0) { $0 * 10 + digits[$1] }
    }

    private static func index(_ name: String) -> Int? {
        let letters = name.utf8
        guard letters.count == 2, let first = letters.first, let last = letters.last else { return nil }
        let (high, low) = ((first | 0x20) &- 0x61, (last | 0x20) &- 0x61)
        return high < 26 && low < 26 ? Int(high) * 26 + Int(low) : nil
    }
}

extension NumberPlanTable {
    private static func rule(_ text: Substring) -> Rule? {
        let parts = text.dropFirst().split(separator: ",", omittingEmptySubsequences: false)
        guard let kind = text.first, let first = parts.first, let start = Int(first) else { return nil }
        switch (kind, parts.count) {
        case ("W", 3):
            return .whole(start: start, drop: Int(parts[1]) ?? 0, prefix: PhoneNumberDigits(parts[2]))
        case ("M", 3):
            return .marked(start: start, dropped: PhoneNumberDigits(parts[1]), prefix: PhoneNumberDigits(parts[2]))
        case ("L", 2): return .leading(start: start, least: Int(parts[1]) ?? 0)
        case ("S", 1): return .leading(start: start, least: 0)
        default: return nil
        }
    }

    /// Sixteen entries a state: where each digit leads, and in the last whether it accepts.
    private static func unpackedStates() -> [UInt16] {
        var states = [UInt16](repeating: 0, count: NumberPlanData.stateCount << 4)
        states[1 << 4 | 15] = 1
        var state = 2
        var group: [Int] = []
        for byte in NumberPlanData.states.utf8 where state < NumberPlanData.stateCount {
            switch byte {
            case UInt8(ascii: "."): state += 1
            case UInt8(ascii: "\n"): continue
            case UInt8(ascii: "!"): states[state << 4 | 15] = 1
            default: group.append(value(of: byte))
            }
            guard group.count == 5 else { continue }
            let target = state - (group[2] << 10 | group[3] << 5 | group[4])
            let digits = group[0] << 5 | group[1]
            for digit in 0..<10 where digits >> digit & 1 == 1 { states[state << 4 | digit] = UInt16(max(0, target)) }
            group.removeAll(keepingCapacity: true)
        }
        return states
    }

    /// `A`–`Z` are 0–25, `a`–`f` 26–31.
    private static func value(of letter: UInt8) -> Int { Int(letter < 0x61 ? letter &- 0x41 : letter &- 0x61 &+ 26) }
}
