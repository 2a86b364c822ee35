import CTICore
import CTIPipeline
import Testing

@testable import CTIContacts

/// What an address may answer, and where in it the contacts are.
struct LookupMappingTests {
    private func found(_ body: String, _ mapping: LookupMapping = LookupMapping()) throws -> [String] {
        try mapping.contacts(in: Array(body.utf8)).contacts.map { "\($0.id) \($0.name) \($0.type)" }
    }

    @Test(
        "a contact, a list, and an object with a list are understood",
        arguments: [
            (#"{"id":"17","name":"Jane","type":"lead"}"#, ["17 Jane lead"]), (#"{"id":17}"#, ["17  contact"]),
            (#"[{"id":"1","name":"A"},{"id":"2","name":"B","extra":[1]}]"#, ["1 A contact", "2 B contact"]),
            (#"{"contacts":[{"id":"1","name":"A"}]}"#, ["1 A contact"]), ("[]", []), ("null", []), ("", []),
            (#"{"contacts":[]}"#, []), (#"{"id":1,"contacts":null}"#, ["1  contact"]),
            (#"[{"id":12345678901234567890,"name":null,"type":7}]"#, ["12345678901234567890  7"]),
            ("\u{FEFF}[{\"id\":\"1\",\"name\":\"Zo\\u00eb\"}]", ["1 Zoë contact"]),
        ])
    func understood(_ body: String, _ expected: [String]) throws {
        #expect(try found(body) == expected)
    }

    @Test(
        "anything else is said, without repeating it",
        arguments: [
            "<html>", "{}", #"[{"name":"secret"}]"#, "17", #""secret""#, "[1,2]", #"[{"id":""}]"#, #"{"id":"1""#,
            String(repeating: "[", count: 200_000), String(repeating: #"{"a":"#, count: 65) + "1",
        ])
    func refused(_ body: String) throws {
        let error = #expect(throws: ContactLookupError.self) { try found(body) }
        #expect(error?.outcome == .unreadable)
        #expect(error?.description.contains("expected") == true && error?.description.contains("secret") == false)
    }

    @Test("bytes that are no text are no answer")
    func notUTF8() {
        let body = Array(#"[{"id":""#.utf8) + [0xFF] + Array(#""}]"#.utf8)
        #expect(throws: ContactLookupError.self) { try LookupMapping().contacts(in: body) }
    }

    @Test("paths lead into the answer")
    func mapped() throws {
        var mapping = LookupMapping()
        mapping.list = LookupMapping.Path("data.items")
        mapping.id = try #require(LookupMapping.Path("Id"))
        mapping.name = try ["properties.first", "properties.last"].map { try #require(LookupMapping.Path($0)) }
        mapping.type = try #require(LookupMapping.Path("attributes.kind"))
        let jane = #"{"Id":5,"properties":{"first":"Jane","last":"Doe"},"attributes":{"kind":"Lead"}}"#
        #expect(try found(#"{"data":{"items":[\#(jane)]}}"#, mapping) == ["5 Jane Doe Lead"])
        #expect(try found(#"{"data":{"items":\#(jane)}}"#, mapping) == ["5 Jane Doe Lead"])
        #expect(try found(#"{"data":{"items":[{"Id":6,"properties":{"last":"Roe"}}]}}"#, mapping) == ["6 Roe contact"])
        #expect(try found(#"{"data":{"items":null}}"#, mapping) == [])
        for other in [#"{"data":[]}"#, #"{"items":[]}"#, "[]", #"{"error":"none"}"#] {
            #expect(throws: ContactLookupError.self, "\(other)") { try found(other, mapping) }
        }
    }

    @Test("no more than an agent can choose among")
    func many() throws {
        let body = "[" + (1...150).map { #"{"id":\#($0)}"# }.joined(separator: ",") + "]"
        let found = try LookupMapping().contacts(in: Array(body.utf8))
        #expect(found.contacts.count == 100 && found.leftOut == 50)
    }

    @Test("a path has no empty name", arguments: ["", ".", "a.", ".a", "a..b"])
    func paths(_ text: String) {
        #expect(LookupMapping.Path(text) == nil)
    }
}
