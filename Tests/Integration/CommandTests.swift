import Foundation
import Testing

/// The commands as a person calls them: what they print, and how they exit.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct CommandTests {
    private func withConfiguration(_ tenant: String, _ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": tenant], in: folder)
        try await body(folder)
    }

    private static let tenant = """
        redis: { url: "unix:///nonexistent/redis.sock?db=0" }
        queues: { "0117654321": Sales }
        rules:
          - { name: Sales, on: [up], when: { all: [ { queue: Sales } ] }, do: [ { open: { url: "https://crm.example/{caller}" } } ] }
        """

    @Test("check is content with a good configuration, and places every mistake of a bad one")
    func check() async throws {
        try await withConfiguration(Self.tenant) { folder in
            let good = try await Child.run("check", "--config", folder)
            #expect(good.status == 0)
            #expect(good.output.isEmpty)
        }
        try await withConfiguration("redis: { url: nonsense://x }\nrulez: []") { folder in
            let bad = try await Child.run("check", "--config", folder)
            #expect(bad.status == 78)
            #expect(bad.output.contains("acme.yaml:1:15: error: redis.url: "))
            #expect(bad.output.contains("acme.yaml:2:1: error: rulez: unknown key, did you mean \"rules\"?"))
        }
    }

    @Test("check --probe says what cannot be reached")
    func probe() async throws {
        try await withConfiguration(Self.tenant) { folder in
            let outcome = try await Child.run("check", "--probe", "--config", folder)
            #expect(outcome.status == 69)
            #expect(outcome.output.contains("is not usable"))
        }
        let redis = try await RedisServer()
        try await withConfiguration(Acme.tenant(redis, delivery: "at-least-once")) { folder in
            let outcome = try await Child.run("check", "--probe", "--config", folder)
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("delivery: at-least-once"))
        }
        await redis.stop()
    }

    @Test("decode gives the contract's line, one for each line in")
    func decode() async throws {
        let outcome = try await Child.run("decode", input: Acme.call("c1") + "\n\n")
        #expect(outcome.status == 1)
        #expect(
            outcome.lines[0] == #"{"ok":true,"event":{"event":"up","generation":"v3","direction":"inbound","#
                + #""caller":"0821234567","dialed":"0117654321","holdSeconds":12,"callRef":"c1","contactRef":"A-17","#
                + #""extension":"1007","campaign":null}}"#)
        #expect(outcome.lines[1].contains("not-json"))
        let relaxed = Acme.relaxedCall("c2").replacingOccurrences(of: "\n", with: " ")
        #expect(try await Child.run("decode", input: relaxed).status == 0)
        #expect(try await Child.run("decode", "--strict", input: relaxed).status == 1)
    }

    @Test("plan tells the actions and why, and needs no Redis")
    func plan() async throws {
        try await withConfiguration(Self.tenant) { folder in
            let outcome = try await Child.run(
                "plan", "--tenant", "acme", "--config", folder, input: Acme.call("c1"))
            #expect(outcome.status == 0)
            #expect(outcome.output.contains(#""url":"https://crm.example/0821234567""#))
            #expect(outcome.output.contains(#""matched":true"#))
            let unknown = try await Child.run("plan", "--tenant", "nobody", "--config", folder)
            #expect(unknown.status == 64)
        }
    }

    @Test("send pushes what the PBX would, and tail follows what comes of it")
    func sendAndTail() async throws {
        try await Acme.run { _, daemon in
            let tail = try Child(Child.ctid, ["tail", "--tenant", "acme", "--config", daemon.folder])
            var sent = 0
            // It follows from the moment when it has opened the log, which nobody is told.
            try await eventually("tail to show a call") {
                sent += 1
                let outcome = try await Child.run(
                    "send", "--tenant", "acme", "--config", daemon.folder, "--number", "0821234567", "--extension",
                    "1007", "--call-ref", "s\(sent)", "--generation", sent.isMultiple(of: 2) ? "v3" : "pre-v3")
                #expect(outcome.status == 0)
                #expect(outcome.output == "s\(sent)\n")
                return tail.output.contains(#""kind":"call""#)
            }
            tail.signal(SIGKILL)
            _ = await tail.ended()
        }
    }

    @Test("a token for nobody, an unknown command, a missing option: usage")
    func usage() async throws {
        try await withConfiguration(Self.tenant) { folder in
            #expect(try await Child.run("token", "--tenant", "acme", "--config", folder).status == 64)
            let minted = try await Child.run("token", "--tenant", "acme", "--extension", "1007", "--config", folder)
            #expect(minted.status == 0)
            #expect(minted.lines[0].split(separator: ".").count == 3)
        }
        #expect(try await Child.run("nonsense").status == 64)
        #expect(try await Child.run("send").status == 64)
        #expect(try await Child.run("--help").status == 0)
    }

    @Test("run without a tenant that works is a wrong configuration")
    func runWithoutTenants() async throws {
        try await withConfiguration("redis: { url: nonsense://x }") { folder in
            let outcome = try await Child.run("run", "--config", folder)
            #expect(outcome.status == 78)
        }
    }

    @Test(
        "the demo prints its pages, and leaves nothing behind, however it ends", arguments: [SIGTERM, SIGINT, SIGKILL])
    func demo(_ signal: Int32) async throws {
        let port = try FreePort.any()
        let demo = try Child(Child.ctid, ["demo", "--port", "\(port)"])
        try await eventually("the demo's address") { demo.output.contains("http://127.0.0.1:\(port)/agent/") }
        let folder = try #require(demo.output.firstMatch(of: /\/tmp\/ctid-demo-\w+/)).output
        #expect(FileManager.default.fileExists(atPath: String(folder)))
        demo.signal(signal)
        let outcome = await demo.ended()
        #expect(outcome.status == (signal == SIGKILL ? 128 + SIGKILL : 0))
        try await eventually("the folder to be gone") { !FileManager.default.fileExists(atPath: String(folder)) }
        try await eventually("its Redis to be gone") { try await processes(naming: String(folder)).isEmpty }
    }

    @Test("the demo ends when its Redis does")
    func demoWithoutRedis() async throws {
        let port = try FreePort.any()
        let demo = try Child(Child.ctid, ["demo", "--port", "\(port)"])
        try await eventually("the demo's address") { demo.output.contains("/agent/") }
        let folder = String(try #require(demo.output.firstMatch(of: /\/tmp\/ctid-demo-\w+/)).output)
        for pid in try await processes(naming: folder) where pid != demo.pid { kill(pid, SIGKILL) }
        let outcome = await demo.ended()
        #expect(outcome.status == 69)
        try await eventually("the folder to be gone") { !FileManager.default.fileExists(atPath: folder) }
    }

    /// Processes whose command line names this folder, ours excepted.
    private func processes(naming folder: String) async throws -> [Int32] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        return names.compactMap(Int32.init).filter { pid in
            let line = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline"))
            return line.map { String(decoding: $0, as: UTF8.self).contains(folder) } ?? false
        }
    }
}
