/// A number in the three forms that Teleforge dials: 10 digits from 0, 11 from 27, 13 to 16 from 00.
struct ClickToDialNumber: Hashable {
    let digits: String

    /// Reads a number as people write it; `nil` where none of the three forms can hold it.
    ///
    /// What is written in one of them already stays as it is, at home in South Africa; elsewhere a leading 0 is that
    /// country's, and the number goes out with its calling code.
    init?(_ text: String, region: String) {
        guard let written = Self.written(text) else { return nil }
        if !written.hasPlus, region.uppercased() == "ZA", let asWritten = Self(form: written.digits) {
            self = asWritten
            return
        }
        let plus = written.hasPlus ? written.digits : nil
        if let world = NumberPlan.e164(text, region: region).map({ String($0.dropFirst()) }) ?? plus {
            self.init(form: world.hasPrefix("27") ? world : "00" + world)
        } else {
            self.init(form: written.digits)
        }
    }

    /// `nil` where the digits are in none of the forms.
    private init?(form digits: String) {
        switch digits.utf8.count {
        case 10 where digits.hasPrefix("0"), 11 where digits.hasPrefix("27"), 13...16 where digits.hasPrefix("00"):
            self.digits = digits
        default: return nil
        }
    }

    var isInternational: Bool { digits.utf8.count > 11 }

    private static func written(_ text: String) -> (digits: String, hasPlus: Bool)? {
        var text = text
        return text.withUTF8 { utf8 in
            PhoneNumberText(utf8).map { ($0.digits.text, $0.hasPlus) }
        }
    }
}
