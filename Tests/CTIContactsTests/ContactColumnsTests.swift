import Testing

@testable import CTIContacts

struct ContactColumnsTests {
    private func read(
        _ text: String, _ headers: [ContactColumns.Member: [String]], _ format: ContactFile.Format = .csv
    ) throws -> (contacts: [ContactRecord], report: ImportReport) {
        var columns = ContactColumns()
        for (member, headers) in headers { columns[member] = headers }
        return try ContactReading.read(Array(text.utf8), format, columns: columns)
    }

    @Test func everyMember() throws {
        let (contacts, report) = try read(
            """
            Handy 2;Nachname; KDNR ;Vorname;TEL. GESCHÄFTLICH;Vertrag;Art;Bild;gesperrt;Ort
            082 999 9999;Roe;7;Jane;082 123 4567;A-17|A-18;lead;https://crm.example/7.png;no;Durban
            ;Doe;8;;1007;;;;YES;
            """,
            [
                .id: ["KdNr"], .name: ["Vorname", "nachname"], .phones: ["Tel. geschäftlich", "Handy 2"],
                .references: ["Vertrag"], .type: ["Art"], .avatar: ["Bild"], .inactive: ["gesperrt"],
            ])
        let jane = ContactRecord(
            id: "7", name: "Jane Roe", type: "lead", phones: ["082 123 4567", "082 999 9999"],
            references: ["A-17", "A-18"], avatar: "https://crm.example/7.png", fields: ["Ort": "Durban"])
        #expect(contacts == [jane, ContactRecord(id: "8", name: "Doe", phones: ["1007"], isInactive: true)])
        #expect(report.findings.isEmpty)
    }

    @Test func mappedMemberLeavesItsUsualColumnsToTheFields() throws {
        let (contacts, _) = try read(
            "Name,Firma,First Name,Mobile,Who,Line,Ref\nX,Acme,Y,0829999999,Ada,1007,R1\nX,Acme,Y,1,,1008,\n",
            [.name: ["Who"], .phones: ["Line"]])
        let fields = ["Name": "X", "company": "Acme", "First Name": "Y", "Mobile": "0829999999"]
        #expect(
            contacts.first
                == ContactRecord(id: "1007", name: "Ada", phones: ["1007"], references: ["R1"], fields: fields))
        #expect(contacts.last?.name == "1008", "neither the company nor the usual name stands in")
    }

    @Test func othersKeepTheirUsualNames() throws {
        let (contacts, _) = try read(
            "Code,Vorname,Nachname,Mobile,Company\n7,Ada,Roe,1007,Acme\n", [.id: ["code"]])
        #expect(
            contacts == [ContactRecord(id: "7", name: "Ada Roe", phones: ["1007"], fields: ["company": "Acme"])])
    }

    @Test func columnMayBeTwoMembers() throws {
        let (contacts, _) = try read("No,Who\n7,Ada\n", [.id: ["No"], .references: ["No"], .name: ["Who"]])
        #expect(contacts == [ContactRecord(id: "7", name: "Ada", references: ["7"])])
    }

    @Test func firstThatIsNotBlankIsTaken() throws {
        let (contacts, _) = try read(
            "A,B,on,shut,phone\n ,2,1,0,1007\n1,2,0,0,1008\n1,2,1,y,1009\n3\n",
            [.id: ["A", "B"], .type: ["B", "A"], .active: ["on"], .inactive: ["shut"]])
        #expect(contacts.map(\.id) == ["2", "1", "1"])
        #expect(contacts.map(\.type) == ["2", "2", "2"])
        #expect(contacts.map(\.isInactive) == [false, true, true])
    }

    @Test func columnsThatAreNamedAlike() throws {
        let text = "Line,Line,Who,Who\n1001,1002,A,B\n"
        let both = try read(text, [.phones: ["line", "line 2"], .name: ["who 2"]]).contacts
        #expect(both == [ContactRecord(id: "1001", name: "B", phones: ["1001", "1002"], fields: ["Who": "A"])])
        #expect(try read(text, [.phones: ["Line"]]).contacts.first?.phones == ["1001", "1002"])
        #expect(try read(text, [.phones: ["Line 2"]]).contacts.first?.phones == ["1002"])
    }

    @Test func columnThatIsNotThereIsFound() throws {
        let (contacts, report) = try read(
            "id,phone,Nachname\n7,1007,Roe\n", [.id: ["KdNr"], .name: ["Vorname", "Nachname"]])
        #expect(
            contacts == [ContactRecord(id: "1007", name: "Roe", phones: ["1007"], fields: ["id": "7"])])
        #expect(
            report.findings.map(\.description) == [
                #"1: no column "KdNr", which contacts.columns names for id"#,
                #"1: no column "Vorname", which contacts.columns names for name"#,
            ])
        #expect(!report.isAnythingMissing)
        #expect(try read("sep=,\nid,phone\n7,1\n", [.id: ["KdNr"]]).report.findings.map(\.line) == [2])
    }

    @Test func tableOfNoUseTellsWhichColumnIsMissing() throws {
        let error = #expect(throws: ContactFileError.self) {
            try read("id,phone\n7,1007\n", [.phones: ["Tel."]])
        }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains(#"no column "Tel.", which contacts.columns names for phones"#) == true)
    }

    @Test func otherFormatsAreAsTheyAre() throws {
        let text = #"{"id":"7","name":"Ada","phones":["1007"],"Who":"X"}"#
        let (contacts, report) = try read(text, [.name: ["Who"], .id: ["No"]], .jsonLines)
        #expect(contacts.map(\.name) == ["Ada"])
        #expect(report.findings.isEmpty)
    }
}
