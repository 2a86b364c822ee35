import Foundation
import Testing

/// The built daemon held against its own `/openapi.yaml` by a program that others wrote.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: Judge.isThere, "schemathesis is not installed: Tools/peers.sh fetches it"))
struct OpenAPITests {
    @Test(
        "whatever is sent, no answer is a failure of ours, and each is as the document has it",
        arguments: [
            (["agent", "supervisor", "ingest", "admin"], 25), (["agent"], 4), (["supervisor"], 4), (["ingest"], 4),
            (["admin"], 4),
        ])
    func conforms(scopes: [String], examples: Int) async throws {
        let file = try CSVFile()
        defer { file.remove() }
        try await Acme.run(more: "contacts: { files: [ \(file.path) ] }") { redis, daemon in
            // Something to be told of.
            for ref in ["c1", "c2"] { try await redis.push(Acme.call(ref)) }
            let token = try await daemon.token("acme", "1007", scope: scopes.joined(separator: " "))
            let outcome = try await Judge.run(daemon, token: token, examples: examples)
            #expect(outcome.status == 0, "\(outcome.output.suffix(6000))\(outcome.errors.suffix(500))")
            // It must have asked something.
            let asked = outcome.output.firstMatch(of: /(\d+) generated, (\d+) passed/)
            #expect(asked.flatMap { Int($0.1) } ?? 0 > 100 && asked?.1 == asked?.2, "\(outcome.output.suffix(500))")
        }
    }
}

/// A tenant's contacts, so that there is somebody to be found.
private struct CSVFile {
    let path: String

    init() throws {
        path = "/tmp/ctid-test-\(UUID().uuidString.prefix(8)).csv"
        try "id,name,phone\nA-17,Jane Doe,+27821234567\n".write(toFile: path, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
