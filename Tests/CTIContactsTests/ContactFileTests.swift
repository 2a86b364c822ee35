import Foundation
import Testing

@testable import CTIContacts

struct ContactFileTests {
    private func read(
        _ text: String, _ format: ContactFile.Format
    ) throws -> (contacts: [ContactRecord], report: ImportReport) {
        try ContactReading.read(Array(text.utf8), format)
    }

    @Test func cardsOfAllVersions() throws {
        let (contacts, report) = try read(
            """
            BEGIN:VCARD\r
            VERSION:3.0\r
            UID:a-1\r
            FN:Smith\\, Ada\r
             \u{20}and Co\r
            item1.TEL;TYPE=CELL,VOICE;X-NOTE="a:b":082 123\r
             \u{20}4567\r
            item1.X-ABLABEL:Mobile\r
            TEL:1007\r
            PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r
             BBBB\r
            X-REFERENCE:A-17\r
            END:VCARD\r
            BEGIN:VCARD
            VERSION:2.1
            N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6=
            rg
            TEL;HOME:011 765 4321
            AGENT:
            BEGIN:VCARD
            FN:Assistant
            TEL:0829999999
            END:VCARD
            END:VCARD
            begin:vcard
            version:4.0
            kind:org
            org:Acme\\; Sons;Sales
            tel;value=uri;type=work:tel:+27-11-765-0000;ext=12
            photo:https://example.org/logo.png
            x-ctid-inactive:true
            end:vcard
            """, .vcard)
        try #require(contacts.count == 3)
        #expect(contacts[0].name == "Smith, Ada and Co")
        #expect(contacts[0].id == "a-1")
        #expect(contacts[0].phones == ["082 123 4567", "1007"])
        #expect(contacts[0].references == ["A-17"])
        #expect(contacts[0].avatar == nil)
        #expect(contacts[1].name == "Jörg Müller")
        #expect(contacts[1].phones == ["011 765 4321"])
        #expect(contacts[1].id == "+27117654321")
        #expect(contacts[2].name == "Acme; Sons")
        #expect(contacts[2].type == "account")
        #expect(contacts[2].phones == ["+27-11-765-0000;ext=12"])
        #expect(contacts[2].avatar == "https://example.org/logo.png")
        #expect(contacts[2].isInactive)
        #expect((report.imported, report.inactive, report.skipped) == (3, 1, 0))
    }

    @Test func cardWithoutAnEndIsTakenAndReported() throws {
        let text = """
            BEGIN:VCARD
            FN:A
            END:VCARD
            BEGIN:VCARD
            TEL:1001
            BEGIN:VCARD
            TEL:0821234567
            END:VCARD
            BEGIN:VCARD
            TEL:0829999999
            TEL:0827
            """
        let (contacts, report) = try read(text, .vcard)
        // The last number is cut off, as far as anybody can tell.
        #expect(contacts.map(\.phones) == [["1001"], ["0821234567"], ["0829999999"]])
        #expect((report.skipped, report.damaged) == (1, 2))
        #expect(report.findings.map(\.line) == [1, 4, 9])
        #expect(report.isAnythingMissing)
    }

    @Test func assistantWithoutAnEndDoesNotHideTheNextCard() throws {
        let text = "BEGIN:VCARD\nTEL:1001\nAGENT:\nBEGIN:VCARD\nTEL:9999\nBEGIN:VCARD\nTEL:1002\nEND:VCARD\n"
        #expect(try read(text, .vcard).contacts.map(\.phones) == [["1001"], ["1002"]])
    }

    @Test(arguments: [",", ";", "\t", "|"])
    func tables(separator: String) throws {
        let text = #"""
            Id|First Name|Last Name|Phone 1 - Type|Phone 1 - Value|Business Phone|Reference|Inactive|City
            1|Ada|"Smith| ""Jr"""|Mobile|082 123 4567 ::: 0829999999||A-17|no|Durban
            2||""|||"011 765 4321
            +442079460018"||YES|

            3|Cyd|||||R3||
            4|Dee|||||||
            5|E|||12|x|y|z|a|b
            """#.replacing("|", with: separator)
        let (contacts, report) = try read("\u{FEFF}" + text, .csv)
        try #require(contacts.count == 3)
        #expect(contacts[0].name == "Ada Smith\(separator) \"Jr\"")
        #expect(contacts[0].phones == ["082 123 4567", "0829999999"])
        #expect(contacts[0].references == ["A-17"])
        #expect(contacts[0].fields == ["City": "Durban", "Phone 1 - Type": "Mobile"])
        #expect(contacts[1].phones == ["011 765 4321", "+442079460018"])
        #expect(contacts[1].isInactive)
        #expect(contacts[1].name == "011 765 4321")
        #expect(contacts[2].references == ["R3"])
        #expect(report.findings.map(\.line) == [7, 8])
    }

    @Test func tableWithoutPhonesOrWithAnOpenQuote() throws {
        #expect(throws: ContactFileError.self) { try read("a,b\n1,2\n", .csv) }
        let (contacts, report) = try read("name,phone\nA,0821234567\n\"B,1\nC,2\n", .csv)
        #expect(contacts.map(\.name) == ["A", "C"])
        #expect(report.findings.map(\.line) == [3])
    }

    @Test func quoteThatIsNeverClosedCostsItsOwnLine() throws {
        let (contacts, report) = try read(
            "name,phone\nA,1001\n\"B,1002\nC,1003\n\"D\",1004\nE,1005\n\"F,1006\nG,1007\n", .csv)
        // The quote before B is closed by the one before D: nobody can tell it from a name of three lines.
        #expect(contacts.map(\.phones) == [["1001"], ["1004"], ["1005"], ["1007"]])
        #expect(report.findings.map(\.line) == [7])
    }

    @Test func columnsThatAreNamedAlike() throws {
        let (contacts, _) = try read(
            "\u{FEFF}sep=;\nKunde;Telefon;Telefon;Ort;Ort;KdNr\nA;1001;1002;X;Y;R 7\nB;1003\n", .csv)
        #expect(contacts.map(\.name) == ["A", "B"])
        #expect(contacts.map(\.phones) == [["1001", "1002"], ["1003"]])
        #expect(contacts[0].fields == ["Ort": "X", "Ort 2": "Y"])
        #expect(contacts[0].references == ["R 7"])
    }

    @Test func referencesInAListAreNotSplit() throws {
        let text = #"[{"id":"1","references":["a;b","c"]},{"id":"2","reference":"d;e"}]"#
        #expect(try read(text, .json).contacts.map(\.references) == [["a;b", "c"], ["d", "e"]])
    }

    @Test(arguments: ["[%]", "{\"version\": {\"contacts\": 1}, \"contacts\": [%]}", " [ % , ] "])
    func jsonDocuments(shape: String) throws {
        let elements = """
            {"id": 7, "name": "A, \\"B\\" [x]", "phones": ["0821234567", 1007, {"number": "+442079460018"}], "active": true},
            {"id": "8", "firstName": "Cyd", "mobile": "0829999999", "references": ["r1", "r2"], "inactive": true,
             "fields": {"city": "Durban", "size": 3}, "avatar": "https://example.org/a.png"},
            {"id": "9", "phones": []}, 12, null, {"id": tru}
            """
        let (contacts, report) = try read(shape.replacing("%", with: elements), .json)
        try #require(contacts.count == 2)
        #expect(contacts[0].id == "7")
        #expect(contacts[0].name == "A, \"B\" [x]")
        #expect(contacts[0].phones == ["0821234567", "1007", "+442079460018"])
        #expect(!contacts[0].isInactive)
        #expect(contacts[1].name == "Cyd")
        #expect(contacts[1].references == ["r1", "r2"])
        #expect(contacts[1].fields == ["city": "Durban", "size": "3"])
        #expect(contacts[1].isInactive)
        #expect(report.skipped == 4)
    }

    @Test func jsonLines() throws {
        let text = "{\"id\":\"1\",\"phone\":\"0821234567\"}\r\n\n{\"id\":\n{\"id\":\"2\",\"phones\":[\"0829999999\"]}"
        let (contacts, report) = try read(text, .jsonLines)
        #expect(contacts.map(\.id) == ["1", "2"])
        #expect(report.findings.map(\.line) == [3])
    }

    @Test func fileThatIsNone() throws {
        for text in ["", "12", "{}", "{\"contacts\":1}", "\"x\"", "{\"a\""] {
            #expect(throws: ContactFileError.self) { try read(text, .json) }
        }
        for text in ["", "name,phone\nA,1\n", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"] {
            #expect(throws: ContactFileError.self) { try read(text, .vcard) }
        }
        #expect(throws: ContactFileError.self) { try ContactFile.read(path: "/nowhere/x.vcf", region: "ZA") { _ in } }
        #expect(throws: ContactFileError.self) {
            try ContactFile.read(path: "/tmp", format: .csv, region: "ZA") { _ in }
        }
        #expect(throws: ContactFileError.self) { try ContactFile.read(path: "/nowhere/x.exe", region: "ZA") { _ in } }
    }

    @Test func reportNamesAHundredAndCountsAll() throws {
        let (_, report) = try read("phone,name\n" + String(repeating: ",x\n", count: 250), .csv)
        #expect((report.skipped, report.totalFindings, report.findings.count) == (250, 250, 100))
    }

    @Test func numbersThatCannotBeReadAreCountedAndExtensionsAreNot() throws {
        let (contacts, report) = try read("phone\n1007\n0821\n08212345678901\n+999 1234567\n", .csv)
        #expect(contacts.count == 4)
        #expect(report.unreadableNumbers == 2)
        #expect(report.findings.map(\.line) == [4, 5])
    }

    /// Every beginning of a good file, and every file with one byte changed, is read to its end without a trap.
    @Test(arguments: ContactFile.Format.allCases)
    func damagedFilesAreRead(format: ContactFile.Format) throws {
        let card = "BEGIN:VCARD\r\nN;ENCODING=QUOTED-PRINTABLE:M=C3;=\r\nX\\\r\nitem1.TEL:1\r\n 2\r\nEND:VCARD\r\n"
        let samples: [ContactFile.Format: String] = [
            .vcard: card, .csv: "name,phone\r\n\"A\"\"\",\"082\n1234567\"\r\nB,1\r\n",
            .json: "{\"x\":\"\\\"\",\"contacts\":[{\"id\":\"1\",\"phones\":[\"1\"]},{}]}",
            .jsonLines: "{\"id\":\"1\",\"phones\":[\"1\"]}\n{}\n",
        ]
        let sample = Array(try #require(samples[format]).utf8)
        for index in sample.indices {
            _ = try? ContactReading.read(Array(sample[..<index]), format)
            for byte: UInt8 in [0, 0x0A, 0x22, 0x5C, 0x5B, 0x5D, 0x7B, 0x7D, 0x3A, 0x3B, 0x3D, 0x2C, 0x20, 0xFF, 0xC3] {
                var damaged = sample
                damaged[index] = byte
                _ = try? ContactReading.read(damaged, format)
            }
        }
        #expect(try !ContactReading.read(sample, format).contacts.isEmpty)
    }
}
