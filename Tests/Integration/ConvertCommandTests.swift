import Foundation
import Testing

/// `ctid convert` as a person calls it.
@Suite(.timeLimit(.minutes(2)))
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
