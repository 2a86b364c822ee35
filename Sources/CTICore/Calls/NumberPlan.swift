/// Reads telephone numbers as people write them, by the number plans of all countries.
///
/// A number that its country's plan does not allow, by its length, is none: it is better to find nobody than somebody
/// else. Extensions of the PBX, five digits or fewer, are none of the world's either; but on small islands, where
/// telephones have no more digits than that, those that fit the plan are numbers.
public struct NumberPlan: Sendable {
    /// The E.164 form with its `+`; `nil` where the text is not a number of this world.
    ///
    /// - Parameters:
    ///   - text: national with or without the trunk prefix, or international after `+`, the region's own prefix, or
    ///     the bare calling code of the region. Spaces, brackets, `(0)`, dots, slashes, digits of other scripts,
    ///     `tel:` and extensions are all fine; letters are not.
    ///   - region: two letters of ISO 3166, as `ZA`; where it is unknown only numbers with `+` are read.
    public static func e164(_ text: String, region: String) -> String? {
        PhoneNumber(text, region: region)?.e164
    }

    /// The digits of an E.164 number after its calling code, as `821234567`; `nil` for anything else.
    public static func nationalSignificant(_ e164: String) -> String? {
        let bytes = e164.utf8
        guard bytes.first == UInt8(ascii: "+"), bytes.dropFirst().allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        let digits = PhoneNumberDigits(e164)
        guard bytes.count - 1 == digits.count, let region = NumberPlanTable.shared.region(callingCodeOf: digits) else {
            return nil
        }
        let national = digits.dropFirst(region.code.count)
        return national.isEmpty ? nil : national.text
    }

    /// Whether there are facts of a region, named by two letters of ISO 3166.
    public static func isKnownRegion(_ region: String) -> Bool { NumberPlanTable.shared.region(region) != nil }

    /// ``PhoneNumber/packed`` of a number's UTF-8.
    static func packed(_ bytes: UnsafeBufferPointer<UInt8>, region: String) -> UInt64? {
        guard let text = PhoneNumberText(bytes) else { return nil }
        let home = NumberPlanTable.shared.region(region)
        let reading = read(text.digits, hasPlus: text.hasPlus, home: home)
        guard let zero = text.bracketedZero, reading?.isViable != true else { return reading?.packed }
        // Not every country takes a zero that others bracket for its trunk prefix: Spain has none.
        let without = read(text.digits.removing(at: zero), hasPlus: text.hasPlus, home: home)
        return without?.isViable == true ? without?.packed : reading?.packed
    }
}

/// One way to understand the digits.
private struct Reading {
    var region: NumberPlanTable.Region
    var national: PhoneNumberDigits

    var isViable: Bool { NumberPlanTable.shared.fits(national, start: region.general) }

    /// `nil` where the plan of the country knows no number of that length.
    var packed: UInt64? {
        guard region.allows(length: national.count), !national.isZero else { return nil }
        guard let digits = national.prefixed(by: region.code), digits.count <= 19 else { return nil }
        return digits.value
    }
}

extension NumberPlan {
    private static func read(_ digits: PhoneNumberDigits, hasPlus: Bool, home: NumberPlanTable.Region?) -> Reading? {
        if hasPlus { return international(digits) }
        guard let home, digits.count > 5 || isShortNumber(digits, of: home) else { return nil }
        if let prefix = NumberPlanTable.shared.longestPrefix(digits, start: home.international), digits[prefix] != 0,
            prefix < digits.count
        {
            return international(digits.dropFirst(prefix))
        }
        return withBareCode(digits, home: home) ?? national(digits, region: home)
    }

    /// Five digits or fewer that are no extension but somebody's telephone.
    private static func isShortNumber(_ digits: PhoneNumberDigits, of home: NumberPlanTable.Region) -> Bool {
        home.hasShortNumbers && NumberPlanTable.shared.fits(digits, start: home.general)
    }

    private static func international(_ digits: PhoneNumberDigits) -> Reading? {
        guard let region = NumberPlanTable.shared.region(callingCodeOf: digits) else { return nil }
        return national(digits.dropFirst(region.code.count), region: region)
    }

    /// `27821234567` at home in South Africa: too long for a national number, or none, while the rest is one.
    private static func withBareCode(_ digits: PhoneNumberDigits, home: NumberPlanTable.Region) -> Reading? {
        guard digits.hasPrefix(home.code) else { return nil }
        let table = NumberPlanTable.shared
        let rest = withoutTrunkPrefix(digits.dropFirst(home.code.count), region: home)
        let isTooLong = home.lengths >> UInt32(min(digits.count, 31)) == 0
        let isOnlyThen = !table.fits(digits, start: home.general) && table.fits(rest, start: home.general)
        return isTooLong || isOnlyThen ? national(rest, region: home) : nil
    }

    private static func national(_ digits: PhoneNumberDigits, region: NumberPlanTable.Region) -> Reading {
        let stripped = withoutTrunkPrefix(digits, region: region)
        let national = region.allows(length: stripped.count) ? stripped : digits
        // Lengths and the pattern are those of the whole calling code, which may serve several countries.
        let main = region.isMain ? region : NumberPlanTable.shared.region(callingCodeOf: region.code)
        return Reading(region: main ?? region, national: national)
    }

    /// Without the trunk prefix, unless a number of the country would become none by that.
    private static func withoutTrunkPrefix(
        _ digits: PhoneNumberDigits, region: NumberPlanTable.Region
    ) -> PhoneNumberDigits {
        for rule in region.rules {
            guard let stripped = applying(rule, to: digits) else { continue }
            let table = NumberPlanTable.shared
            let isBroken = !table.fits(stripped, start: region.general) && table.fits(digits, start: region.general)
            return isBroken ? digits : stripped
        }
        return digits
    }

    /// `nil` where the rule does not fit.
    private static func applying(_ rule: NumberPlanTable.Rule, to digits: PhoneNumberDigits) -> PhoneNumberDigits? {
        let table = NumberPlanTable.shared
        switch rule {
        case .whole(let start, let drop, let prefix):
            guard table.fits(digits, start: start) else { return nil }
            return digits.dropFirst(drop).prefixed(by: prefix)
        case .leading(let start, let least):
            guard let length = table.longestPrefix(digits, start: start), digits.count - length >= least else {
                return nil
            }
            return digits.dropFirst(length)
        case .marked(let start, let dropped, let prefix):
            let local = digits.dropFirst(digits[0] == 0 ? 1 : 0)
            for length in 2...4 where table.fits(local.prefix(length), start: start) {
                let rest = local.dropFirst(length)
                guard rest.hasPrefix(dropped) else { continue }
                return rest.dropFirst(dropped.count).prefixed(by: local.prefix(length))?.prefixed(by: prefix)
            }
            return nil
        }
    }
}

extension PhoneNumberDigits {
    var text: String {
        String(unsafeUninitializedCapacity: Self.capacity) { buffer in
            for index in 0..<count { buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: self[index]) }
            return count
        }
    }
}
