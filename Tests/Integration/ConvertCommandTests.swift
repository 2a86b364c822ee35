import Foundation
import Testing

/// `ctid convert` as a person calls it.
@Suite(.timeLimit(.minutes(3)))
struct ConvertCommandTests {
    private static let ringing =
        #"{"event":"ringing","agentnum":"1007","direction":"inbound","uniqueid":"c1","callernum":"998","ringing":true}"#
    private static let kunzite =
        #"{"type":"phone:ringing","data":{"context":{"extension":"1007"},"id":"c1","from":"998","#
        + #""direction":"inbound","status":"ringing","duration":0,"wait":0,"total":0}}"#

    @Test("a line in is a line out: the vendor's object, or why there is none")
    func lines() async throws {
        let good = try await Child.run("convert", "--from", "xcally", "--to", "kunzite", input: Self.ringing + "\n")
        #expect(good.status == 0)
        #expect(good.output == Self.kunzite + "\n")
        let mixed = [Self.ringing, "", #"{"event":"up"}"#, Self.ringing].joined(separator: "\n")
        let outcome = try await Child.run("convert", "--from", "xcally", "--to", "kunzite", input: mixed)
        #expect(outcome.status == 1)
        #expect(outcome.lines.count == 5)
        #expect(outcome.lines[0] == Self.kunzite)
        #expect(outcome.lines[1].hasPrefix(#"{"ok":false,"error":{"code":"not-json","message":""#))
        #expect(outcome.lines[2].hasPrefix(#"{"ok":false,"error":{"code":"missing-field","message":"agentnum: "#))
        #expect(outcome.lines[3] == Self.kunzite)
    }

    @Test("an event that the other vendor does not have")
    func notInDialect() async throws {
        let calling = Self.kunzite.replacingOccurrences(of: "phone:ringing", with: "phone:calling")
        let outcome = try await Child.run("convert", "--from", "kunzite", "--to", "xcally", input: calling)
        #expect(outcome.status == 1)
        #expect(
            outcome.output
                == #"{"ok":false,"error":{"code":"not-in-dialect","message":"calling: xcally has no words for it"}}"#
                + "\n")
    }

    @Test("a file may be written over many lines, and gives one; one that is not there is said")
    func files() async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let text = Self.kunzite.replacingOccurrences(of: ",", with: ",\n  ").replacingOccurrences(
            of: "{", with: "{\n  ")
        try text.write(toFile: "\(folder)/event.json", atomically: true, encoding: .utf8)
        let arguments = ["convert", "--from", "kunzite", "--to", "ctid", "\(folder)/event.json", "\(folder)/nothing"]
        let there = try await Child(Child.ctid, arguments).ended()
        #expect(there.status == 1)
        #expect(there.errors.contains("\(folder)/nothing: "))
        #expect(there.lines.count == 2)
        let back = try await Child.run("convert", "--from", "ctid", "--to", "kunzite", input: there.output)
        #expect(back.output == Self.kunzite + "\n")
    }

    @Test("Teleforge's headers ring: an object as a line, the INVITE as a file; its own lists have no words for that")
    func headers() async throws {
        let object = #"{"X-Platforma-Number":"998","x-teleforge-call-ref":"c1","Request-URI":"sip:1007@pbx.example"}"#
        let line = try await Child.run("convert", "--from", "teleforge", "--to", "kunzite", input: object)
        #expect(line.status == 0 && line.output == Self.kunzite + "\n")
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let message =
            "INVITE sip:1007@pbx.example SIP/2.0\r\nX-Platforma-Number: 998\r\nX-Platforma-Call-Ref: c1\r\n\r\n"
        try message.write(toFile: "\(folder)/invite.sip", atomically: true, encoding: .utf8)
        let file = try await Child(
            Child.ctid, ["convert", "--from", "teleforge", "--to", "kunzite", "\(folder)/invite.sip"]
        ).ended()
        #expect(file.status == 0 && file.output == Self.kunzite + "\n")
        let back = try await Child.run("convert", "--from", "kunzite", "--to", "teleforge", input: Self.kunzite)
        #expect(back.status == 1)
        #expect(back.output.contains(#""message":"ringing: teleforge has no words for it""#))
    }

    @Test("Teleforge's notifications, as its documentation prints them, go out in every dialect and come back")
    func notifications() async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let printed =
            "{\ntype : \"call\"\npayload: {\nnumber : \"998\",\ndial_number : \"9999\",\ncall_ref : \"c1\",\n"
            + "contact_ref : \"\",\ncall_dir : \"inbound\",\nref : \"1007\"\n}\n}\n"
        try printed.write(toFile: "\(folder)/call.txt", atomically: true, encoding: .utf8)
        let strict =
            #"{"type":"call","payload":{"number":"998","dial_number":"9999","call_ref":"c1","contact_ref":"","#
            + #""call_dir":"inbound","ref":"1007"}}"# + "\n"
        for dialect in ["ctid", "xcally", "kunzite"] {
            let there = try await Child(
                Child.ctid, ["convert", "--from", "teleforge", "--to", dialect, "\(folder)/call.txt"]
            ).ended()
            let back = try await Child.run("convert", "--from", dialect, "--to", "teleforge", input: there.output)
            #expect(back.status == 0 && back.output == strict, "\(dialect)")
        }
    }

    @Test("a dialect that is none is refused with those that are")
    func usage() async throws {
        let outcome = try await Child.run("convert", "--from", "avaya", "--to", "xcally")
        #expect(outcome.status == 64)
        for dialect in ["ctid", "teleforge", "xcally", "kunzite", "enreach"] {
            #expect(outcome.errors.contains(dialect))
        }
        #expect(try await Child.run("convert", "--from", "xcally").status == 64)
        let help = try await Child.run("convert", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("ctid convert --from xcally --to kunzite"))
    }
}
