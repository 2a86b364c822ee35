import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// The contact directory of the built daemon: asked, replaced, and read again while calls go on.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ContactTests {
    @Test("PUT replaces the imported set, GET finds in it, and a call pops with its contact")
    func replaced() async throws {
        try await Acme.run(more: "region: ZA") { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            let card =
                "BEGIN:VCARD\r\nUID:17\r\nFN:Ada\r\nTEL:082 123 4567\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\n"
            let answer = try await daemon.put(card, type: "text/vcard; charset=utf-8")
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""imported":1,"inactive":0,"leftOut":1"#))
            #expect(answer.body.contains(#"{"line":6,"reason":"no phone number and no reference"}"#))
            try await redis.push(Acme.call("c1"))
            #expect(try await stream.event("pop", ref: "c1")["contact.name"] == "Ada")
            let agent = try await daemon.token("acme", "1007")
            let found = try await daemon.get("/v1/acme/contacts?number=%2B27821234567", token: agent)
            #expect(
                found.body
                    == #"{"contacts":[{"id":"17","type":"contact","name":"Ada","phones":["082 123 4567"],"#
                    + #""references":[],"avatar":null,"fields":{}}]}"#)
            #expect(try await daemon.get("/v1/acme/contacts?ref=17", token: agent).body == found.body)
            #expect(try await daemon.get("/v1/acme/contacts?ref=18", token: agent).body == #"{"contacts":[]}"#)
            #expect(try await daemon.get("/v1/acme/contacts", token: agent).status == 400)
            #expect(try await daemon.put(card, type: "text/vcard", scope: "agent").status == 403)
            try await daemon.shows(#"ctid_contacts{tenant="acme"} 1"#, #"ctid_contacts_findings{tenant="acme"} 1"#)
        }
    }

    @Test("an import that is broken leaves the old directory, and nothing lying about")
    func broken() async throws {
        try await Acme.run(more: "region: ZA") { redis, daemon in
            #expect(try await daemon.put("name,phone\nAda,0821234567\n", type: "text/csv").status == 200)
            let refused: [(body: String, type: String, status: UInt)] = [
                ("a,b\n1,2\n", "text/csv", 422), ("name,phone\nBob,\n", "text/csv", 422), ("", "text/vcard", 422),
                ("{}", "application/json", 422), ("x", "text/plain", 415),
            ]
            for (body, type, status) in refused {
                let answer = try await daemon.put(body, type: type)
                #expect(answer.status == status, "\(type): \(answer.body)")
                #expect(!answer.body.contains("Bob"))
            }
            let agent = try await daemon.token("acme", "1007")
            let found = try await daemon.get("/v1/acme/contacts?number=0821234567", token: agent)
            #expect(found.body.contains("Ada"))
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(daemon.folder)/data")
            #expect(files.filter { $0.hasPrefix("acme.contacts") } == ["acme.contacts"])
            try await daemon.shows(#"ctid_contacts_read_failures_total{tenant="acme"} 4"#)
        }
    }

    @Test("a changed file is taken up within 5 s; one that turned bad leaves the last good directory, said once")
    func promptlyChanged() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let more = "region: ZA\ncontacts: { files: [ people.csv ] }"
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis, more: more)], in: folder)
        let people = "\(folder)/tenants/people.csv"
        func write(_ text: String) throws { try text.write(toFile: people, atomically: false, encoding: .utf8) }
        try write("name,phone\nAda,0821234567\n")
        let daemon = try await DaemonUnderTest(folder: folder)
        let agent = try await daemon.token("acme", "1007")
        func who() async throws -> String {
            try await daemon.get("/v1/acme/contacts?number=0821234567", token: agent).body
        }
        #expect(try await who().contains("Ada"))
        try write("name,phone\nBob,0821234567\n")
        try await eventually("the changed file", within: .seconds(5)) { try await who().contains("Bob") }
        try write("nothing\nof use\n")
        try await eventually("the bad file", within: .seconds(5)) {
            daemon.log.contains("the last good directory stays")
        }
        #expect(try await who().contains("Bob"))
        try write("name,phone\nCyd,0821234567\n")
        try await eventually("the mended file", within: .seconds(5)) { try await who().contains("Cyd") }
        try await daemon.says("the last good directory stays", once: true)
        try await daemon.says("people.csv can be read again")
        let imported = try await Child.run(
            "contacts", "import", "--config", folder, "--tenant", "acme", "--format", "csv", "-",
            input: "name,phone\nDee,0821234567\nEve,\n")
        #expect(imported.status == 1)
        #expect(imported.output.contains("-:3: no phone number and no reference"))
        try await eventually("the imported set", within: .seconds(5)) { try await who().contains("Dee") }
        #expect(try await who().contains("Cyd"), "both have the number")
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
    }

    @Test("ctid contacts import and find need no daemon; a broken file changes nothing")
    func commands() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis, more: "region: ZA")], in: folder)
        await redis.stop()
        let (good, bad) = ("\(folder)/good.vcf", "\(folder)/bad.csv")
        try "BEGIN:VCARD\nFN:Ada\nTEL:0821234567\nX-REFERENCE:A-17\nEND:VCARD\n".write(
            toFile: good, atomically: true, encoding: .utf8)
        try "a,b\n1,2\n".write(toFile: bad, atomically: true, encoding: .utf8)
        let common = ["--config", folder, "--tenant", "acme"]
        func contacts(_ arguments: String...) async throws -> Child.Outcome {
            try await Child(Child.ctid, ["contacts"] + arguments.prefix(1) + common + arguments.dropFirst()).ended()
        }
        #expect(try await contacts("find", "--ref", "A-17").status == 1)
        let imported = try await contacts("import", "--json", good)
        #expect(imported.status == 0)
        #expect(imported.errors.isEmpty, "no progress bar where there is no terminal")
        #expect(imported.lines.first?.contains(#""imported":1,"#) == true)
        let refused = try await contacts("import", good, bad)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("nothing was changed"))
        let found = try await contacts("find", "--number", "+27 82 123 4567", "--json")
        #expect(found.status == 0)
        #expect(found.output.contains(#""name":"Ada","phones":["0821234567"],"references":["A-17"]"#))
        #expect(try await contacts("find", "--ref", "A-17").output.contains("Ada"))
        #expect(try await contacts("find").status == 64)
    }

    @Test("contacts.columns holds for files that change, for PUT, and for the commands")
    func promptlyReadByColumns() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let contacts = "{ files: [ people.csv ], columns: { id: [ Nr, No ], name: Wer, phones: Anschluss } }"
        try DaemonUnderTest.configure(
            ["acme": Acme.tenant(redis, more: "region: ZA\ncontacts: \(contacts)")], in: folder)
        let people = "\(folder)/tenants/people.csv"
        func write(_ text: String) throws { try text.write(toFile: people, atomically: false, encoding: .utf8) }
        try write("Nr,No,Wer,Anschluss\n1,,Ada,0821234567\n")
        let daemon = try await DaemonUnderTest(folder: folder)
        let agent = try await daemon.token("acme", "1007")
        func who(_ ref: String) async throws -> String {
            try await daemon.get("/v1/acme/contacts?ref=\(ref)", token: agent).body
        }
        #expect(try await who("1").contains(#""name":"Ada","phones":["0821234567"],"references":[],"avatar":null,"#))
        try write("Nr,No,Wer,Anschluss\n,2,Bob,0821234567\n")
        try await eventually("the changed file", within: .seconds(5)) { try await who("2").contains("Bob") }
        let answer = try await daemon.put("NR;wer;anschluss\n3;Cyd;0821234568\n", type: "text/csv")
        #expect(answer.body.contains(#"{"line":1,"reason":"no column \"No\", which contacts.columns names for id"}"#))
        #expect(try await who("3").contains("Cyd"))
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        let common = ["--config", folder, "--tenant", "acme"]
        let table = "nr,no,wer,anschluss\n4,,Dee,0821234569\n"
        let importing = ["contacts", "import"] + common + ["--format", "csv", "-"]
        let imported = try await Child(Child.ctid, importing, input: table).ended()
        #expect(imported.status == 0, "\(imported.errors)")
        for (ref, name) in [("2", "Bob"), ("4", "Dee")] {
            let found = try await Child(Child.ctid, ["contacts", "find"] + common + ["--ref", ref]).ended()
            #expect(found.output.contains(name))
        }
    }

    @Test("while many contacts are imported, calls keep popping")
    func promptlyMeanwhile() async throws {
        try await Acme.run(more: "region: ZA") { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            // The build for debugging is ten times as slow: fewer make the same load.
            var table = "id,name,phone,mobile\nada,Ada,0821234567,\n"
            for index in 0..<20_000 {
                table += "c\(index),Person \(index),011\(7_000_000 + index),+2783\(1_000_000 + index)\n"
            }
            let body = table
            let importing = Task { try await daemon.put(body, type: "text/csv") }
            var (worst, count) = (Duration.zero, 0)
            var isOver = false
            while !isOver {
                count += 1
                let start = ContinuousClock.now
                try await redis.push(Acme.call("during-\(count)"))
                try await stream.event("pop", ref: "during-\(count)")
                worst = max(worst, ContinuousClock.now - start)
                _ = try await daemon.post(
                    "/v1/acme/agents/1007/acks", #"{"id":"\#(stream.lastPop)","outcome":"handled"}"#,
                    token: daemon.token("acme", "1007"))
                isOver = try await daemon.get("/metrics").body.contains("ctid_contacts{tenant=\"acme\"} 20001\n")
            }
            #expect(try await importing.value.status == 200)
            print("re-import: \(count) calls popped meanwhile, worst delay \(worst)")
            #expect(worst < .seconds(2))
            try await redis.push(Acme.call("after"))
            #expect(try await stream.event("pop", ref: "after")["contact.name"] == "Ada")
        }
    }
}

extension EventStreamClient {
    /// The id of the newest pop.
    fileprivate var lastPop: String { events.last { $0.name == "pop" }?["id"] ?? "" }
}

extension DaemonUnderTest {
    /// Replaces the imported set of `acme`.
    func put(
        _ body: String, type: String, scope: String = "admin"
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: base + "/v1/acme/contacts")
        request.method = .PUT
        request.headers.add(name: "Content-Type", value: type)
        let agent = scope == "agent" ? "1007" : nil
        request.headers.add(name: "Authorization", value: "Bearer \(try await token("acme", agent, scope: scope))")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (UInt(response.status.code), String(buffer: bytes))
    }
}
