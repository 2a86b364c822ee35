import Foundation
import TestReceivers
import Testing

/// `ctid webhooks test`: what it prints, and how it exits.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WebhookCommandTests {
    private func run(_ webhooks: [String], _ arguments: String...) async throws -> Child.Outcome {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sinks = webhooks.isEmpty ? "" : "sinks: { webhooks: [ \(webhooks.joined(separator: ", ")) ] }"
        try DaemonUnderTest.configure(["acme": "redis: { url: \"127.0.0.1:1/0\" }\n\(sinks)"], in: folder)
        let fixed = ["webhooks", "test", "--config", folder, "--tenant", "acme"]
        return try await Child(Child.ctid, fixed + arguments).ended()
    }

    @Test("a signed sample comes to each, and what it answered is told")
    func sample() async throws {
        let world = try WebhookWorld()
        let outcome = try await run([world.webhook("crm"), world.webhook("erp")], "--event", "hangup")
        #expect(outcome.status == 0)
        #expect(outcome.lines[0].hasPrefix("crm: answered 204 (") && outcome.lines[0].contains(" ms at 127.0.0.1)"))
        #expect(outcome.lines[1].hasPrefix("erp: answered 204 ("))
        #expect(world.deliveries.map(\.type) == ["ctid.test", "ctid.test"] && world.received() == 2)
        let agent = world.receiver.requests.first?.headers["user-agent"] ?? ""
        #expect(agent.hasPrefix("ctid/") && agent.count > 5)
        world.check()
    }

    @Test("refused is 1, not there 69, both 69; --json says which")
    func failures() async throws {
        let (refusing, gone) = (try WebhookWorld { _ in .status(404) }, try WebhookWorld())
        gone.receiver.stop()
        let refused = try await run([refusing.webhook("crm")])
        #expect(refused.status == 1 && refused.lines[0].hasPrefix("crm: refused: answered 404 ("))
        let both = try await run([refusing.webhook("crm"), gone.webhook("erp")], "--json")
        #expect(both.status == 69)
        #expect(both.lines[0].hasPrefix(#"{"name":"crm","ok":false,"status":404,"address":"127.0.0.1","redirects":0,"#))
        #expect(both.lines[0].hasSuffix(#""code":"refused","message":"answered 404","publicKeys":[]}"#))
        #expect(both.lines[1].contains(#""status":null"#) && both.lines[1].contains(#""code":"unreachable""#))
    }

    @Test("one alone by its name; a wrong name is told the others")
    func names() async throws {
        let world = try WebhookWorld()
        let webhooks = [world.webhook("crm"), world.webhook("erp")]
        let one = try await run(webhooks, "--name", "erp")
        #expect(one.status == 0 && one.output.hasPrefix("erp: ") && world.receiver.requests.count == 1)
        let wrong = try await run(webhooks, "--name", "cmr")
        #expect(wrong.status == 64)
        #expect(wrong.errors.contains(#"has no webhook "cmr", expected crm or erp"#))
        #expect(try await run([]).status == 64)
        #expect(try await run(webhooks, "--event", "upp").status == 64)
    }

    @Test("a private address without the key is a mistake of the file, and without its secret there is nothing to send")
    func configuration() async throws {
        let world = try WebhookWorld()
        let forbidden = world.webhook().replacing("private_addresses: true", with: "private_addresses: false")
        let outcome = try await run([forbidden])
        #expect(outcome.status == 78 && outcome.errors.contains("127.0.0.1 is a loopback address"))
        let bare = world.webhook().replacing(world.secretFile, with: "/nonexistent/hook")
        #expect(try await run([bare]).status == 78)
        #expect(world.receiver.connections == 0)
    }

    private static let python = "/usr/bin/python3"

    /// The text of Docs/webhooks.md, run as it stands but for its port and its key's file.
    @Test(
        "the receiver in the documentation takes what is signed with its key, and nothing else",
        .enabled(if: FileManager.default.fileExists(atPath: python), "needs python3: make setup-test"))
    func documentedReceiver() async throws {
        let world = try WebhookWorld()
        world.receiver.stop()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
            .standardized
        let document = try String(contentsOf: root.appendingPathComponent("Docs/webhooks.md"), encoding: .utf8)
        let code = try #require(
            document.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
        let script = code.replacing("\"acme-hook\"", with: "\"\(world.secretFile)\"")
            .replacing("8099", with: "\(world.receiver.port)")
        let receiver = try Child(Self.python, ["-c", script])
        try await eventually("the receiver to answer") { try await run([world.webhook("crm")]).status == 0 }
        #expect(receiver.output.hasPrefix("ctid.test sample-"))
        let stranger = try WebhookWorld()
        try Data("another secret than that of the receiver".utf8).write(to: URL(fileURLWithPath: stranger.secretFile))
        let forged = world.webhook("crm").replacing(world.secretFile, with: stranger.secretFile)
        let refused = try await run([forged])
        #expect(refused.status == 1 && refused.output.contains("answered 401"))
        receiver.signal(SIGKILL)
        _ = await receiver.ended()
    }
}
