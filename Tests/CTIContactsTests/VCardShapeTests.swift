import Foundation
import Testing

@testable import CTIContacts

/// Files in the shapes that telephones and mail programs give them: every number is found.
struct VCardShapeTests {
    private static let expected: [String: [String: [String]]] = [
        "android": [
            "Jürgen Müller-Lüdenscheidt": [
                "082-123-4567", "+27117654321", "0117650001", "0829999001", "+27829999002",
            ],
            "Voicemail": ["121"], "0829999003": ["0829999003"],
        ],
        "iphone": [
            "Ngũgĩ wa Mwangi": ["+27 82 999 1001", "0829991002", "(011) 765-1003", "1007"],
            "Umbrella Plumbing": ["+27117651004"],
        ],
        "outlook": [
            "Zoë Groß – Einkauf": [
                "+27 (11) 765-2001", "011/765 2002", "082 999 2003", "+27 (11) 765-2004", "0829992005",
                "+27 (11) 765-2000",
            ]
        ],
        "gmail": [
            "Thandi Dlamini, Dr": ["+27829993001", "011 765 3002", "0829993003", "+44 20 7946 0018"],
            "Example Hauliers": ["0800 123 456"],
        ],
        "thunderbird": [
            "Pieter van der Merwe": ["(011) 765 4001", "+27-82-999-4002", "+27-11-765-4003;ext=12", "+27 11 765 4004"],
            "Example Bank": ["0860 123 000"],
        ],
    ]

    @Test(arguments: ["android", "iphone", "outlook", "gmail", "thunderbird"])
    func everyNumberIsFound(program: String) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().path + "/Fixtures/\(program).vcf"
        var found: [String: [String]] = [:]
        let report = try ContactFile.read(path: path, region: "ZA") { found[$0.name] = $0.phones }
        #expect(found == Self.expected[program])
        #expect(report.skipped == (program == "thunderbird" ? 1 : 0), "\(report.findings)")
        #expect(report.damaged == 0)
    }

    @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian], [true, false])
    func utf16(encoding: String.Encoding, hasMark: Bool) throws {
        let card = (hasMark ? "\u{FEFF}" : "") + "BEGIN:VCARD\r\nFN:Jörg 𝄞\r\nTEL:0821234567\r\nEND:VCARD\r\n"
        let bytes = try #require(card.data(using: encoding))
        let (contacts, report) = try ContactReading.read(Array(bytes), .vcard)
        #expect(contacts.map(\.name) == ["Jörg 𝄞"])
        #expect(contacts.map(\.phones) == [["0821234567"]])
        #expect(report.totalFindings == 0)
    }

    @Test(arguments: [
        ("ISO-8859-1", [0x4A, 0xF6], "Jö"), ("iso-8859-15", [0xA4], "€"), ("Windows-1252", [0x80, 0xDF], "€ß"),
        ("windows-1251", [0xC8, 0xE2], "Ив"), ("UTF-8", [0xC3, 0xB6], "ö"), ("x-unheard-of", [0xC3, 0xB6], "ö"),
        ("UTF-8", [0x4A, 0xF6, 0x80], "Jö€"), ("Shift_JIS", [0x83, 0x65], "テ"),
    ])
    func charsets(name: String, bytes: [UInt8], text: String) throws {
        let encoded = bytes.map { "=" + String($0, radix: 16, uppercase: true) }.joined()
        let raw = Array("BEGIN:VCARD\nFN;CHARSET=\(name):".utf8) + bytes + Array("\nTEL:0821234567\nEND:VCARD\n".utf8)
        let printable =
            "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=\(name):\(encoded)\nTEL:0821234567\nEND:VCARD\n"
        #expect(try ContactReading.read(raw, .vcard).contacts.map(\.name) == [text])
        #expect(try ContactReading.read(Array(printable.utf8), .vcard).contacts.map(\.name) == [text])
    }

    @Test(arguments: ["\r\n", "\n", "\r"])
    func lineEnds(end: String) throws {
        let card = "BEGIN:VCARD\nFN:Ad\n a\nTEL:082\n  1234567\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\n"
        let (contacts, report) = try ContactReading.read(Array(card.replacing("\n", with: end).utf8), .vcard)
        #expect(contacts.map(\.name) == ["Ada"])
        #expect(contacts.map(\.phones) == [["082 1234567"]])
        #expect(report.findings.map(\.line) == [7])
    }

    @Test func softBreakBeforeTheEndDoesNotSwallowIt() throws {
        let card =
            "BEGIN:VCARD\nTEL:0821234567\nNOTE;QUOTED-PRINTABLE:x=\nEND:VCARD\nBEGIN:VCARD\nTEL:0829999999\nEND:VCARD"
        #expect(
            try ContactReading.read(Array(card.utf8), .vcard).contacts.map(\.phones) == [
                ["0821234567"], ["0829999999"],
            ])
    }

    @Test func everyPlaceOfATypeIsUnderstood() throws {
        let heads = [
            "TEL", "tel", "TEL;CELL", "TEL;TYPE=cell", "TEL;TYPE=\"cell,voice\"", "TEL;TYPE=CELL,VOICE",
            "a.b.TEL", "TEL;TYPE=\"a:b\"", "TEL;VALUE=uri",
        ]
        for head in heads {
            let value = head.contains("uri") ? "tel:+27-82-123-4567" : "+27-82-123-4567"
            let card = "BEGIN:VCARD\n\(head):\(value)\nEND:VCARD\n"
            let phones = try ContactReading.read(Array(card.utf8), .vcard).contacts.flatMap(\.phones)
            #expect(phones == ["+27-82-123-4567"], "\(head)")
        }
    }
}

/// Reads what is in memory.
enum ContactReading {
    static func read(
        _ bytes: [UInt8], _ format: ContactFile.Format, columns: ContactColumns = ContactColumns()
    ) throws -> (contacts: [ContactRecord], report: ImportReport) {
        try read(MemorySource(bytes), format, columns: columns)
    }

    static func read(
        _ source: any ByteSource, _ format: ContactFile.Format, columns: ContactColumns = ContactColumns()
    ) throws -> (contacts: [ContactRecord], report: ImportReport) {
        var contacts: [ContactRecord] = []
        let report = try ContactFile.read(source, format: format, region: "ZA", columns: columns) {
            contacts.append($0)
        }
        return (contacts, report)
    }
}
