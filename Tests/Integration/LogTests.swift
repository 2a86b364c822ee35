import Foundation
import Testing

/// What the built daemon writes to standard error, and what it never does.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LogTests {
    // MARK: Quiet

    @Test("while all is well nothing is said at info beyond the start and the stop, whatever calls come")
    func quiet() async throws {
        try await Acme.run(more: "agent_page: { mask_numbers: true }") { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for index in 0..<300 {
                try await redis.push(Acme.call("c\(index)", agent: "\(1007 + index % 7)", preV3: index % 3 == 0))
            }
            for index in 0..<50 { try await redis.push(Acme.call("c\(index)")) }
            let token = try await daemon.token("acme", scope: "ingest")
            for index in 0..<20 {
                let body =
                    #"{"event":"up","agent":{"extension":"1007"},"call":{"ref":"p\#(index)","caller":"0821234567"}}"#
                #expect(try await daemon.post("/v1/acme/events", body, token: token).status == 202)
                let end = body.replacingOccurrences(of: "up", with: "hangup")
                #expect(try await daemon.post("/v1/acme/events", end, token: token).status == 202)
            }
            let pop = try await stream.event("pop")
            try await daemon.acknowledge(pop, "shown", agent: "1007")
            try await eventually("all to be handled", within: .seconds(60)) {
                try await daemon.metric("ctid_handled_total", tenant: "acme") >= 390
            }
            for path in ["/readyz", "/metrics", "/nothing", "/v1/acme/calls"] { _ = try await daemon.get(path) }
            stream.close()
            let (outcome, _) = await daemon.stop()
            let unexpected = outcome.errors.split(separator: "\n").filter { line in
                !["] listening on ", "] fetching ", "] stopped", "signal", "hutting down"].contains {
                    line.contains($0)
                }
            }
            #expect(unexpected == [], "\(outcome.errors)")
            #expect(outcome.status == 0)
        }
    }

    // MARK: Numbers and names

    private static let number = "0825550199"
    private static let name = "Zebulon Quagmire"
    private static let page = "https://crm.example/?who={contact.name}&n={callerE164}&k=Xylophon77"

    private static func secrets(in folder: String, _ tokens: [String]) throws -> [String] {
        let key = try String(contentsOfFile: "\(folder)/tenants/acme-jwt", encoding: .utf8)
        // A token's signature; its beginning is the same for all.
        return [key, "hunter2-redis", "hunter2-hook"]
            + tokens.compactMap { $0.split(separator: ".").last.map(String.init) }
    }

    private func withCalls(
        level: String, reveal: Bool, format: String,
        _ body: (DaemonUnderTest, [String], String) async throws -> Void
    ) async throws {
        let contacts = "/tmp/ctid-test-\(UUID().uuidString.prefix(8)).csv"
        defer { try? FileManager.default.removeItem(atPath: contacts) }
        try "id,name,phone\nA-17,\(Self.name),+27825550199\n".write(toFile: contacts, atomically: true, encoding: .utf8)
        let log = "log: { level: \(level), format: \(format), reveal_numbers: \(reveal) }"
        let redis = try await RedisServer(password: "hunter2-redis")
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tenant = """
            redis: { url: "unix://\(redis.socket)?db=0", password_file: acme-redis }
            region: ZA
            contacts:
              files: [ \(contacts) ]
              lookup: { url: "http://127.0.0.1:9/?n={callerE164}", timeout: 200ms }
            rules:
              - { name: All, on: [up], do: [ { open: { url: "\(Self.page)", mode: new_frame } }, { webhook: crm } ] }
            sinks: { webhooks: [ { name: crm, url: "http://127.0.0.1:9/", private_addresses: true, secret_file: acme-hook } ] }
            """
        try DaemonUnderTest.configure(["acme": tenant], daemon: log, in: folder)
        for (file, secret) in [
            ("acme-redis", "hunter2-redis"), ("acme-hook", "whsec_aHVudGVyMi1ob29rLWh1bnRlcjItaG9vaw=="),
        ] {
            _ = FileManager.default.createFile(
                atPath: "\(folder)/tenants/\(file)", contents: Data(secret.utf8), attributes: [.posixPermissions: 0o600]
            )
        }
        let daemon = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do {
            let tokens = try await converse(daemon, redis)
            outcome = .success(try await body(daemon, try Self.secrets(in: folder, tokens), redis.socket))
        } catch { outcome = .failure(error) }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        try outcome.get()
    }

    /// Calls of all kinds, good and bad, and requests with all that must not be told. Gives the tokens used.
    private func converse(_ daemon: DaemonUnderTest, _ redis: RedisServer) async throws -> [String] {
        let agent = try await daemon.token("acme", "1007")
        let ingest = try await daemon.token("acme", scope: "ingest")
        func call(_ ref: String) -> String {
            Acme.call(ref).replacingOccurrences(of: "0821234567", with: Self.number)
        }
        let stream = EventStreamClient(
            "\(daemon.base)/v1/acme/agents/1007/events?access_token=\(agent)", token: agent, after: nil)
        try await stream.event("hello")
        try await redis.push(call("c1"))
        try await redis.push(call("c1"))
        try await redis.push(#"{"type":"call","payload":{"number":"\#(Self.number)","name":"\#(Self.name)"}}"#)
        try await redis.push("\(Self.number) \(Self.name)")
        let pop = try await stream.event("pop", ref: "c1", within: .seconds(30))
        try await daemon.acknowledge(pop, "shown", agent: "1007")
        for path in [
            "/v1/acme/contacts?number=\(Self.number)&access_token=\(agent)", "/v1/acme/calls?access_token=\(agent)x",
            "/v1/acme/nothing?q=\(Self.number)&access_token=\(agent)",
        ] { _ = try await daemon.get(path) }
        for body in [#"{"event":"up","call":{"caller":"\#(Self.number)"}}"#, "{\(Self.number)", call("c2")] {
            _ = try await daemon.post("/v1/acme/events", body, token: ingest)
        }
        _ = try await daemon.post("/v1/acme/agents/1007/dial", #"{"number":"\#(Self.number)"}"#, token: agent)
        try await eventually("the bad ones to be kept") {
            try await daemon.metric("ctid_dead_letters_total", tenant: "acme") == 2
        }
        try await eventually("the sink to fail") {
            try await daemon.metric("ctid_sink_failures_total", tenant: "acme") > 0
        }
        stream.close()
        return [agent, ingest]
    }

    @Test(
        "no number, name, secret or token is told anywhere, at any level",
        arguments: [("trace", "text"), ("debug", "json"), ("info", "text")])
    func masked(level: String, format: String) async throws {
        try await withCalls(level: level, reveal: false, format: format) { daemon, secrets, _ in
            var told = [
                "log": daemon.log, "metrics": try await daemon.get("/metrics").body,
                "readyz": try await daemon.get("/readyz").body,
                "command": try String(contentsOfFile: "/proc/\(daemon.pid)/cmdline", encoding: .utf8),
            ]
            told["problem"] = try await daemon.get("/v1/acme/calls?access_token=\(secrets.last ?? "")").body
            let hidden = secrets + [Self.number, "27825550199", "825550199", "Zebulon", "Quagmire", "Xylophon77"]
            for (place, text) in told {
                for word in hidden { #expect(!text.contains(word), "\(word) in \(place)") }
            }
            let hint = "********99"
            #expect(daemon.log.contains(hint) == (level != "info"), "masked to the last two digits at debug")
            if level != "info" { #expect(daemon.log.contains("c1"), "a call's own reference is told") }
        }
    }

    @Test("where the configuration allows it, numbers and names are told at debug, and at no other level")
    func revealed() async throws {
        try await withCalls(level: "debug", reveal: true, format: "text") { daemon, secrets, _ in
            let lines = daemon.log.split(separator: "\n")
            let telling = lines.filter { $0.contains(Self.number) || $0.contains(Self.name) }
            #expect(!telling.isEmpty && telling.allSatisfy { $0.contains(" debug ctid: ") }, "\(telling)")
            #expect(telling.contains { $0.contains(Self.number) && $0.contains(Self.name) })
            for secret in secrets { #expect(!daemon.log.contains(secret)) }
        }
        try await withCalls(level: "info", reveal: true, format: "text") { daemon, _, _ in
            #expect(!daemon.log.contains(Self.number) && !daemon.log.contains(Self.name), "\(daemon.log)")
        }
    }

    // MARK: The journal

    @Test("where the journal reads, lines have its priority and no time; where somebody else does, they are as ever")
    func journal() async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(
            ["acme": #"redis: { url: "redis://127.0.0.1:1/0" }"#], in: folder)
        func log(_ stream: String) async throws -> [Substring] {
            let script = "export JOURNAL_STREAM=\(stream); exec \(Child.ctid) run --config \(folder)"
            let child = try Child("/bin/sh", ["-c", script])
            try await eventually("it to tell of its trouble") {
                child.errors.contains("cannot be reached") && child.errors.contains("listening on")
            }
            child.signal(SIGTERM)
            return await child.ended().errors.split(separator: "\n")
        }
        let lines = try await log("$(stat -Lc %d:%i /proc/self/fd/2)")
        #expect(lines.allSatisfy { $0.wholeMatch(of: /<[2-7]>[a-z]+ .+/) != nil }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("<6>info ctid: ") && $0.contains("] listening on") })
        #expect(lines.contains { $0.hasPrefix("<3>error ctid: ") && $0.contains("tenant=acme") })
        // A shell in between reads us itself.
        let others = try await log("1:1")
        #expect(others.allSatisfy { $0.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000 [a-z]+ .+/) != nil })
    }

    @Test("a call's reference cannot make a line of its own")
    func forged() async throws {
        try await Acme.run(daemon: "log: { level: debug }") { redis, daemon in
            try await redis.push(Acme.call(#"c1\n<0>emerg ctid: forged\u001b[2J"#))
            try await eventually("it to be told") { daemon.log.contains("forged") }
            let line = daemon.log.split(separator: "\n").first { $0.contains("forged") }
            #expect(line?.contains(#"call=c1\u{a}<0>emerg ctid: forged\u{1b}[2J"#) == true, "\(line ?? "")")
            #expect(!daemon.log.contains("\n<0>") && !daemon.log.contains("\u{1b}"))
        }
    }
}
