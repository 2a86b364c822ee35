import CTIPipeline
import Foundation
import Hiredis
import Testing

/// `explain`, `calls` and `deadletters` as a person calls them: beside the running daemon, and after it has stopped.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct LogCommandTests {
    private static func tenant(_ redis: RedisServer, popSide: String = "left") -> String {
        """
        redis: { url: "unix://\(redis.socket)?db=0", pop_side: \(popSide) }
        queues: { "0117654321": Sales }
        agents: [ { extension: "1007", name: John Doe } ]
        rules:
          - name: Sales opens the customer
            on: [up]
            when: { all: [ { queue: Sales } ] }
            do: [ { open: { url: "https://crm.example/{callRef}", mode: new_frame } } ]
        """
    }

    private func withFolder(_ body: (RedisServer, String) async throws -> Void) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": Self.tenant(redis)], in: folder)
        do {
            try await body(redis, folder)
        } catch {
            await redis.stop()
            throw error
        }
        await redis.stop()
    }

    /// A command about tenant acme.
    private func run(_ folder: String, _ arguments: String...) async throws -> Child.Outcome {
        try await Child(Child.ctid, arguments + ["--tenant", "acme", "--config", folder]).ended()
    }

    private func explain(_ folder: String, _ ref: String, starts line: String) async throws {
        var outcome = try await run(folder, "explain", ref)
        try await eventually("\(ref): \(line)") {
            outcome = try await run(folder, "explain", ref)
            return outcome.lines[0].wholeMatch(of: try Regex(line)) != nil
        }
        #expect(outcome.status == 0)
    }

    private func acknowledge(
        _ outcome: String, _ pop: EventStreamClient.Event, _ daemon: DaemonUnderTest
    ) async throws {
        let answer = try await daemon.post(
            "/v1/acme/agents/1007/acks", #"{"id":"\#(try #require(pop["id"]))","outcome":"\#(outcome)"}"#,
            token: daemon.token("acme", "1007"))
        #expect(answer.status < 300)
    }

    @Test("explain answers why there was a pop or none, with the daemon and without it")
    func stories() async throws {
        try await withFolder { redis, folder in
            try await redis.push(Acme.call("stale"))
            let daemon = try await DaemonUnderTest(folder: folder)
            try await explain(folder, "stale", starts: #"No pop: the call could be too old \(how long .*"#)
            try await redis.push(Acme.call("offline"))
            try await explain(folder, "offline", starts: "No pop: nobody was logged in at 1007.")
            let agent = try await daemon.stream(agent: "1007")
            try await redis.push(Acme.call("no-rule").replacingOccurrences(of: "0117654321", with: "0110000000"))
            try await explain(folder, "no-rule", starts: "No pop: no rule asked for one.")
            try await redis.push(Acme.call("popped"))
            try await acknowledge("shown", agent.event("pop", ref: "popped"), daemon)
            try await explain(folder, "popped", starts: "Popped: shown on agent 1007's screen .* after the call.")
            try await redis.push(Acme.call("blocked"))
            try await acknowledge("blocked", agent.event("pop", ref: "blocked"), daemon)
            try await explain(folder, "blocked", starts: "No pop: the popup blocker refused on every page .*")

            let refs = ["blocked", "popped", "no-rule", "offline", "stale"]
            let (running, table) = (try await answers(folder, refs), try await run(folder, "calls"))
            let token = try await daemon.token("acme", scope: "supervisor")
            for ref in refs {
                let json = try await run(folder, "explain", ref, "--json")
                #expect(json.output == (try await daemon.get("/v1/acme/calls/\(ref)", token: token).body) + "\n")
            }
            let items = try await run(folder, "calls", "--json", "--limit", "2").output
            let page = try await daemon.get("/v1/acme/calls?limit=2", token: token).body
            #expect(page.hasPrefix(#"{"calls":[\#(items.split(separator: "\n").joined(separator: ","))],"#))
            #expect(table.lines[0].hasPrefix("TIME (UTC)"))
            #expect(table.lines.dropFirst().compactMap { $0.split(separator: " ").last.map(String.init) } == refs)
            for outcome in ["missed (blocked)", "shown", "-", "missed (offline)", "missed (stale)"] {
                #expect(table.output.contains(outcome))
            }

            #expect(await daemon.stop().outcome.status == 0)
            #expect(try await answers(folder, refs) == running)
            #expect(try await run(folder, "calls").output == table.output)
        }
    }

    private func answers(_ folder: String, _ refs: [String]) async throws -> [String] {
        var answers: [String] = []
        for ref in refs { answers.append(try await run(folder, "explain", ref).output) }
        return answers
    }

    @Test("a call that is not known is 1, with what is known: how far back, and in which dead letter it is")
    func unknownCall() async throws {
        try await withFolder { redis, folder in
            let none = try await run(folder, "explain", "c1")
            #expect(none.status == 69)
            #expect(none.errors.contains("tenant acme has no event log"))
            let daemon = try await DaemonUnderTest(folder: folder)
            #expect(try await run(folder, "explain", "c1").errors.contains("which is empty as yet"))
            try await redis.push(#"{"type":"call","payload":{"number":"0821234567","call_ref":"c1"}}"#)
            try await eventually("the dead letter") { try await letters(folder).count == 1 }
            let outcome = try await run(folder, "explain", "c1")
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.contains(/reaches back to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/))
            let id = try #require(try await letters(folder).first).id
            #expect(outcome.errors.contains("could not be handled: dead letter \(id) (missing-field: "))
            let other = try await run(folder, "explain", "c2", "--json")
            #expect(other.status == 1 && other.output.isEmpty && !other.errors.contains("dead letter"))
            _ = await daemon.stop(SIGKILL)
            #expect(try await run(folder, "explain", "c1").errors == outcome.errors)
        }
    }

    // MARK: Dead letters

    private struct Letter: Decodable {
        var id: String
        var code: String
        var size: Int
        var raw: String?
        var rawBase64: String?
    }

    /// Newest first.
    private func letters(_ folder: String) async throws -> [Letter] {
        let lines = try await run(folder, "deadletters", "list", "--json").output.split(separator: "\n")
        return try lines.map { try JSONDecoder().decode(Letter.self, from: Data($0.utf8)) }
    }

    /// What `show --raw` writes; it may be no text.
    private func raw(_ folder: String, _ id: String) async throws -> Data? {
        let script = "exec \"$0\" deadletters show --raw --tenant acme --config \"$1\" \"$2\" > \"$1/raw\""
        #expect(try await Child("/bin/sh", ["-c", script, Child.ctid, folder, id]).ended().status == 0)
        return FileManager.default.contents(atPath: "\(folder)/raw")
    }

    private static let incomplete = Array(#"{"type":"call","payload":{"number":"0821234567","call_ref":"c1"}}"#.utf8)
    private static let noText = Array("{\"type\":\u{1}".utf8) + [0xFF, 0x00, 0x0A, 0xFE]

    @Test("dead letters are listed, shown to the byte, pushed again and purged, beside the running daemon")
    func deadLetters() async throws {
        try await withFolder { redis, folder in
            let daemon = try await DaemonUnderTest(folder: folder)
            try await redis.push(Self.incomplete)
            try await redis.push(Self.noText)
            try await eventually("two dead letters") { try await letters(folder).count == 2 }
            let found = try await letters(folder)
            #expect(found.map(\.code) == ["not-utf8", "missing-field"])
            #expect(found[0].rawBase64.flatMap { Data(base64Encoded: $0) } == Data(Self.noText))
            #expect(found[1].raw == String(decoding: Self.incomplete, as: UTF8.self))
            #expect(try await raw(folder, found[0].id) == Data(Self.noText))
            #expect(try await raw(folder, found[1].id) == Data(Self.incomplete))
            let shown = try await run(folder, "deadletters", "show", found[0].id).output
            #expect(shown.contains("not-utf8: ") && shown.contains("7b 22 74 79 70 65 22 3a 01 ff 00 0a fe"))
            let table = try await run(folder, "deadletters", "list", "--limit", "1")
            #expect(table.lines[1].hasPrefix(found[0].id) && table.lines.count == 3)
            #expect(table.errors.contains("1 older ones are not shown"))

            let requeued = try await run(folder, "deadletters", "requeue", found[1].id, "7")
            #expect(requeued.status == 1)
            #expect(requeued.output == "requeued \(found[1].id) (missing-field, \(found[1].size) bytes)\n")
            #expect(requeued.errors == "ctid: there is no dead letter 7\n")
            try await eventually("the dead letter to come anew") { try await letters(folder).count == 2 }
            let again = try await letters(folder)
            #expect(again[0].raw == found[1].raw && again[0].id != found[1].id)
            #expect(try await run(folder, "deadletters", "show", found[1].id).status == 1)

            #expect(try await run(folder, "deadletters", "purge", "--all", "--older-than", "1h").output.isEmpty)
            #expect(try await run(folder, "deadletters", "purge", again[1].id).output == "purged \(again[1].id)\n")
            #expect(try await letters(folder).map(\.id) == [again[0].id])
            // The daemon goes on writing where it was: nothing was overwritten, and nothing stands still.
            try await redis.push(Acme.call("after"))
            try await eventually("a call after it") { try await run(folder, "explain", "after").status == 0 }
            #expect(await daemon.stop().outcome.status == 0)
        }
    }

    @Test("while the daemon is stopped, the bytes go where the PBX pushes, and only what was pushed is removed")
    func requeueWithoutTheDaemon() async throws {
        try await withFolder { redis, folder in
            let daemon = try await DaemonUnderTest(folder: folder)
            for notification in [Self.incomplete, Self.noText] { try await redis.push(notification) }
            try await eventually("two dead letters") { try await letters(folder).count == 2 }
            _ = await daemon.stop(SIGKILL)
            let ids = try await letters(folder).map(\.id)

            try DaemonUnderTest.configure(
                ["acme": Self.tenant(redis).replacingOccurrences(of: redis.socket, with: "/nonexistent/redis.sock")],
                in: folder)
            let refused = try await run(folder, "deadletters", "requeue", "--all")
            #expect(refused.status == 69 && refused.output.isEmpty)
            #expect(try await letters(folder).map(\.id) == ids)
            // Where there is nothing to push, Redis is not asked.
            #expect(try await run(folder, "deadletters", "requeue", "7").status == 1)

            try DaemonUnderTest.configure(["acme": Self.tenant(redis)], in: folder)
            try await redis.push("first")
            #expect(try await run(folder, "deadletters", "requeue", ids[0]).status == 0)
            try DaemonUnderTest.configure(["acme": Self.tenant(redis, popSide: "right")], in: folder)
            #expect(try await run(folder, "deadletters", "requeue", "--all").status == 0)
            let list = try await redis.run("LRANGE", RedisServer.inbound, "0", "-1").elements.map(\.bytes)
            let raw = list.map { bytes in
                bytes?.withUnsafeBytes { RequeuedNotification(envelope: $0)?.raw } ?? bytes
            }
            #expect(raw == [Self.incomplete, Array("first".utf8), Self.noText])
            #expect(try await letters(folder).isEmpty)
            #expect(try await run(folder, "deadletters", "purge", "--all").status == 0)
            // Nothing of it is a call, and the positions given away stay given away.
            try await redis.run("DEL", RedisServer.inbound)
            let again = try await DaemonUnderTest(folder: folder)
            try await redis.run([Array("LPUSH".utf8), Array(RedisServer.inbound.utf8), Self.incomplete])
            try await eventually("a later dead letter") { try await letters(folder).count == 1 }
            #expect(try #require(Int64(try await letters(folder)[0].id)) > (try #require(Int64(ids[0]))))
            _ = await again.stop(SIGKILL)
        }
    }

    @Test("a requeued call is as old as it is: it is recorded and listed as missed, and takes no screen")
    func requeuedCallKeepsItsAge() async throws {
        try await withFolder { redis, folder in
            let large = Acme.call("old").replacingOccurrences(
                of: "}}", with: #","note":"\#(String(repeating: "x", count: 2000))"}}"#)
            let file = Self.tenant(redis) + "\nfresh_for: 5s"
            try DaemonUnderTest.configure(["acme": file], daemon: "limits: { payload: 1KiB }", in: folder)
            let strict = try await DaemonUnderTest(folder: folder)
            let pushed = ContinuousClock.now
            try await redis.push(large)
            try await eventually("a dead letter") { try await letters(folder).count == 1 }
            #expect(try await letters(folder)[0].code == "too-large")
            _ = await strict.stop()

            try DaemonUnderTest.configure(["acme": file], in: folder)
            let daemon = try await DaemonUnderTest(folder: folder)
            let stream = try await daemon.stream(agent: "1007")
            try await eventually("the call to be old") { ContinuousClock.now - pushed > .seconds(6) }
            #expect(try await run(folder, "deadletters", "requeue", "--all").status == 0)
            #expect(try await stream.event("missed", ref: "old")["reason"] == "stale")
            try await redis.push(Acme.call("new"))
            try await stream.event("pop", ref: "new")
            #expect(!stream.events.contains { $0.name == "pop" && $0.data.contains("\"old\"") })
            #expect(try await letters(folder).isEmpty)
            _ = await daemon.stop(SIGKILL)
        }
    }

    // MARK: Usage

    @Test(
        "what cannot be meant is refused with 64",
        arguments: [
            "deadletters requeue", "deadletters purge", "deadletters purge 1 --all",
            "deadletters purge 1 --older-than 7d", "deadletters purge --all --older-than 7", "deadletters show",
            "deadletters show x",
            "deadletters show 1 --raw --json", "calls --limit 0", "calls --limit 1001", "deadletters list --limit 0",
            "explain", "explain c1 --limit 0",
        ])
    func usage(_ command: String) async throws {
        let arguments = command.split(separator: " ").map(String.init)
        let outcome = try await Child(Child.ctid, arguments + ["--tenant", "acme", "--config", "/nonexistent"]).ended()
        #expect(outcome.status == 64)
        #expect(!outcome.errors.contains("configuration folder"))
    }

    @Test(
        "each tells an example in its help, and a folder that is not there by its name",
        arguments: [
            "explain c1", "calls", "deadletters list", "deadletters show 1", "deadletters requeue 1",
            "deadletters purge 1", "plan", "tail",
        ])
    func helpAndFolder(_ command: String) async throws {
        let arguments = command.split(separator: " ").map(String.init)
        let help = try await Child(Child.ctid, arguments + ["--help"]).ended()
        #expect(help.status == 0 && help.output.contains("Example:"))
        let outcome = try await Child(Child.ctid, arguments + ["--tenant", "acme", "--config", "/nonexistent"]).ended()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("the configuration folder /nonexistent is not there"))
    }

    @Test("a command demands the secrets that it needs, and no others")
    func secrets() async throws {
        try await withFolder { redis, folder in
            let hook = #"sinks: { webhooks: [ { name: crm, url: "https://crm.example", secret_file: hook } ] }"#
            try DaemonUnderTest.configure(["acme": Self.tenant(redis) + "\n" + hook], in: folder)
            #expect(try await run(folder, "send", "--number", "1", "--extension", "1007").status == 0)
            #expect(try await run(folder, "token", "--extension", "1007").status == 0)
            try FileManager.default.removeItem(atPath: "\(folder)/tenants/acme-jwt")
            #expect(try await run(folder, "send", "--number", "1", "--extension", "1007").status == 0)
            let token = try await run(folder, "token", "--extension", "1007")
            #expect(token.status == 78)
            #expect(token.errors.contains("error: auth.hs256_secret_file: ") && !token.errors.contains("hook"))
            let guarded = Self.tenant(redis)
                .replacingOccurrences(of: "pop_side:", with: "password_file: gone, pop_side:")
            try DaemonUnderTest.configure(["acme": guarded], in: folder)
            #expect(try await run(folder, "token", "--extension", "1007").status == 0)
            for command in [["send", "--number", "1", "--extension", "1007"], ["deadletters", "requeue", "--all"]] {
                let outcome = try await Child(Child.ctid, command + ["--tenant", "acme", "--config", folder]).ended()
                #expect(outcome.status == 78 && outcome.errors.contains("error: redis.password_file: "))
            }
        }
    }
}
