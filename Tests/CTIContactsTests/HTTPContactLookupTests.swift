import CTICore
import CTIPipeline
import Foundation
import Testing

@testable import CTIContacts

/// What an address may answer. The way there is tried against the built daemon.
struct HTTPContactLookupTests {
    @Test(
        "a contact, a list, and an object with a list are understood",
        arguments: [
            (#"{"id":"17","name":"Jane","type":"lead"}"#, ["17 Jane lead"]), (#"{"id":17}"#, ["17  contact"]),
            (#"[{"id":"1","name":"A"},{"id":"2","name":"B","extra":[1]}]"#, ["1 A contact", "2 B contact"]),
            (#"{"contacts":[{"id":"1","name":"A"}]}"#, ["1 A contact"]), ("[]", []), ("null", []), ("", []),
        ])
    func understood(_ body: String, _ expected: [String]) throws {
        let contacts = try HTTPContactLookup.contacts(in: Data(body.utf8))
        #expect(contacts.map { "\($0.id) \($0.name) \($0.type)" } == expected)
    }

    @Test("anything else is said, without repeating it", arguments: ["<html>", "{}", #"[{"name":"secret"}]"#, "17"])
    func refused(_ body: String) throws {
        let error = #expect(throws: ContactLookupError.self) {
            try HTTPContactLookup.contacts(in: Data(body.utf8))
        }
        #expect(error?.description.contains("expected") == true && error?.description.contains("secret") == false)
    }
}
