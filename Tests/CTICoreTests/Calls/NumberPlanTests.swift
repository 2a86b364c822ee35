import CTICore
import Foundation
import Testing

struct NumberPlanTests {
    @Test(arguments: [
        ("082 123 4567", "ZA"), ("0821234567", "ZA"), ("821234567", "ZA"), ("27821234567", "ZA"),
        ("+27 82 123 4567", "US"), ("+27 (0)82 123-4567", "GB"), ("(082) 123.4567", "ZA"), ("082/1234567", "ZA"),
        ("0027 82 123 4567", "DE"), ("011 27 82 123 4567", "US"), ("009 27 82 123 4567", "NG"),
        ("tel:+27-82-123-4567", "US"), ("TEL:0821234567;phone-context=+27", "ZA"), ("sip:0821234567@pbx", "ZA"),
        ("082\u{A0}123\u{A0}4567", "ZA"), ("＋２７８２１２３４５６７", "US"), ("٠٨٢١٢٣٤٥٦٧", "ZA"),
        ("082 123 4567 ext. 12", "ZA"), ("0821234567x12", "ZA"), ("+27821234567;ext=12", "US"),
        ("0821234567#12", "ZA"), ("0821234567 Durchwahl 9", "ZA"), (" 0821234567\r\n", "ZA"), ("0821234567", "za"),
        ("082‑123‑4567", "ZA"), ("\u{202A}+27 82 123 4567\u{202C}", "US"), ("0821234567p12", "ZA"),
        ("0821234567 x 12", "ZA"), ("082 123 4567 EXT:12", "ZA"), ("0821234567;ext=12", "ZA"),
        ("0821234567,,12", "ZA"), ("0821234567 доб. 12", "ZA"), ("0821234567ｘ12", "ZA"), ("(+27) 82 123 4567", "US"),
        ("[082] 123~4567", "ZA"), ("+27 (082) 123 4567", "US"), ("27 (0) 82 123 4567", "ZA"), ("۰۸۲۱۲۳۴۵۶۷", "ZA"),
        ("（０８２）１２３－４５６７", "ZA"), ("+٢٧٨٢١٢٣٤٥٦٧", "US"), ("callto:+27821234567", "US"),
        ("sips:+27821234567;user=phone@pbx.example", "US"), ("tel:+27821234567;ext=12;isub=1", "US"),
        ("082\u{2013}123\u{2212}4567", "ZA"), ("\t082\u{3000}123\u{2009}4567", "ZA"),
    ])
    func everyWayToWriteOneNumber(text: String, region: String) {
        #expect(NumberPlan.e164(text, region: region) == "+27821234567")
    }

    @Test(arguments: [
        // Trunk prefixes that stay, change, or are longer than one digit.
        ("02 3661 8300", "IT", "+390236618300"), ("+39 (0)2 3661 8300", "DE", "+390236618300"),
        ("+34 (0)912 345 678", "DE", "+34912345678"), ("+44 (0)20 7946 0018", "DE", "+442079460018"),
        ("8 (912) 345-67-89", "RU", "+79123456789"), ("06 20 123 4567", "HU", "+36201234567"),
        ("011 15-2345-6789", "AR", "+5491123456789"), ("(11) 96123-4567", "BR", "+5511961234567"),
        ("0 15 11 96123-4567", "BR", "+5511961234567"), ("457-1234", "AG", "+12684571234"),
        ("1 (650) 253-0000", "US", "+16502530000"), ("0011 61 2 9374 4000", "AU", "+61293744000"),
        ("+49 (0) 30 1234567", "US", "+49301234567"), ("+49/30/1234567", "US", "+49301234567"),
        ("030/1234567-0", "DE", "+493012345670"), ("0043 1 58058-0", "DE", "+431580580"),
        // Small islands, where telephones have four or five digits.
        ("22158", "SH", "+29022158"), ("8999", "TA", "+2908999"), ("20-123", "TO", "+67620123"),
        ("8~10 44 20 7946 0018", "RU", "+442079460018"), ("010 81 3 1234 5678", "JP", "+81312345678"),
        ("+800 1234 5678", "US", "+80012345678"), ("020 7946 0018", "GG", "+442079460018"),
    ])
    func nationalHabits(text: String, region: String, expected: String) {
        #expect(NumberPlan.e164(text, region: region) == expected)
    }

    @Test(arguments: [
        "", " ", "+", "anonymous", "Anonymous", "Unknown", "unavailable", "Restricted", "Private Number", "withheld",
        "\u{3000}", "-", "()", "1007", "x12", "p12", "sip:anonymous@anonymous.invalid", "0821234567 y12",
        "0821234567 ext. 1234567890", "12345", "+999 12345678", "+27 8212", "+27 82 123 4567 8901",
        "0821234567 (mobile)", "0821234567 ext", "0800-FLOWERS", "*21*0821234567#", "082+1234567", "0000000000",
        "#31#0821234567", "sip:alice@example.org", "ext. 12", "00999123456789", "\u{FFFD}0821234567", "0821234567x1y",
        String(repeating: "1", count: 40), String(repeating: "9", count: 100_000), "082_123_4567", "1+1",
    ])
    func whatIsNoNumber(text: String) {
        #expect(NumberPlan.e164(text, region: "ZA") == nil)
    }

    @Test(
        "an extension that no plan has stays one, also where telephones have as few digits",
        arguments: ["1007", "101", "19999", "7"])
    func extensions(text: String) {
        for region in ["SH", "TA", "FK", "TO", "DE", "AT", "LU", "FI", "NO", "NL"] {
            #expect(NumberPlan.e164(text, region: region) == nil, "\(region)")
        }
    }

    @Test func bytesThatAreNoUTF8AreNoNumber() {
        for lead in UInt8(0x80)...0xFF {
            let text = String(
                decoding: [lead, 0x30, 0x38, 0x32, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37], as: UTF8.self)
            #expect(NumberPlan.e164(text, region: "ZA") == nil)
        }
    }

    @Test func unknownRegionReadsOnlyInternationalNumbers() {
        #expect(NumberPlan.e164("+27821234567", region: "") == "+27821234567")
        #expect(NumberPlan.e164("0821234567", region: "XX") == nil)
        #expect(NumberPlan.isKnownRegion("ZA"))
        #expect(NumberPlan.isKnownRegion("za"))
        for name in ["", "Z", "ZAF", "XX", "é", "[["] { #expect(!NumberPlan.isKnownRegion(name)) }
    }

    @Test func nationalSignificantNumber() {
        #expect(NumberPlan.nationalSignificant("+27821234567") == "821234567")
        #expect(NumberPlan.nationalSignificant("+390236618300") == "0236618300")
        for text in ["", "+", "+27", "27821234567", "+999123", "+27 82", "+" + String(repeating: "2", count: 90)] {
            #expect(NumberPlan.nationalSignificant(text) == nil)
        }
    }

    @Test func packedNumberGivesItsTextBack() throws {
        let number = try #require(PhoneNumber("082 123 4567", region: "ZA"))
        #expect(number.packed == 27_821_234_567)
        #expect(number.e164 == "+27821234567")
        #expect(number.callingCode == 27)
        #expect(number.nationalSignificant == "821234567")
        #expect(PhoneNumber(packed: 9_876_543_210_987_654_321).e164 == "+9876543210987654321")
    }
}
