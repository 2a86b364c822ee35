import CTICore
import Foundation
import Testing

/// A payload and what must come of it: the event's JSON, or the code of the error.
struct DecodeFixture: Sendable, CustomTestStringConvertible {
    let name: String
    let payload: [UInt8]
    let expected: String

    var testDescription: String { name }

    static let all: [DecodeFixture] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/decode")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "payload" }.compactMap { try? DecodeFixture(payloadFile: $0) }
            .sorted { $0.name < $1.name }
    }()

    private init(payloadFile: URL) throws {
        name = payloadFile.deletingPathExtension().lastPathComponent
        payload = Array(try Data(contentsOf: payloadFile))
        let answer = payloadFile.deletingPathExtension().appendingPathExtension("expected")
        expected = try String(contentsOf: answer, encoding: .utf8).trimmingCharacters(in: .newlines)
    }
}

/// What a decoder made of a payload, as the fixtures write it.
func outcome(_ decode: () throws(DecodeFailure) -> CallEvent) -> String {
    do throws(DecodeFailure) {
        var json = JSONWriter()
        try decode().write(to: &json)
        return json.string
    } catch {
        return error.code.rawValue
    }
}

/// A valid payload with one member's value replaced.
func payload(_ key: String = "contact_ref", _ value: String = #""A-17""#) -> [UInt8] {
    var members = [
        "number": #""0821234567""#, "dial_number": #""0117654321""#, "hold_time": "12", "call_ref": #""c-1""#,
        "contact_ref": #""A-17""#, "call_dir": #""inbound""#, "ref": #""1007""#,
    ]
    members[key] = value
    let list = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    return Array(#"{"type":"call","payload":{\#(list)}}"#.utf8)
}
