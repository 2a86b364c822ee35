import Foundation
import TestReceivers
import Testing

/// `ctid health` as a container's health check calls it: against the daemon, and against what else may be there.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct HealthCommandTests {
    private func withFolder(
        listen: String, daemon: String = "", tenant: String = "", _ body: (String) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": tenant], daemon: daemon, listen: listen, in: folder)
        try await body(folder)
    }

    private func health(_ folder: String, _ arguments: String...) async throws -> Child.Outcome {
        try await Child(Child.ctid, ["health", "--config", folder] + arguments).ended()
    }

    @Test("a ready daemon is 0, whatever is wrong with a tenant's file; --json gives the answer of /readyz")
    func ready() async throws {
        try await Acme.run { _, daemon in
            for host in ["127.0.0.1", "0.0.0.0"] {
                try await withFolder(listen: "\(host):\(daemon.port)", tenant: "redis: { url: nonsense://x }") {
                    let outcome = try await health($0)
                    #expect(outcome.status == 0)
                    #expect(outcome.output == "ready: 1 of 1 tenants ready\n")
                    #expect(outcome.errors.isEmpty)
                    let json = try await health($0, "--json")
                    #expect(json.status == 0)
                    #expect(json.output.hasPrefix(#"{"tenants":{"acme":{"state":"ready","#))
                    #expect(json.lines.count == 2)
                }
            }
        }
    }

    @Test("a tenant in trouble is named with the reason; the daemon is ready while another one works")
    func trouble() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gone = #"redis: { url: "unix:///nonexistent/redis.sock?db=0" }"#
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis), "beta": gone], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        try await withFolder(listen: "127.0.0.1:\(daemon.port)") { folder in
            let some = try await health(folder)
            #expect(some.status == 0)
            #expect(some.output.hasPrefix("ready: 1 of 2 tenants ready; beta is failed ("), "\(some.output)")
            await redis.kill()
            try await eventually("no tenant to work", within: .seconds(60)) {
                let none = try await health(folder)
                return none.status == 1
                    && none.output.hasPrefix("not ready: 0 of 2 tenants ready; acme is failed (")
            }
        }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
    }

    @Test("a daemon that listens on all IPv6 addresses is asked on loopback")
    func everywhereIPv6() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis)], listen: "[::]:0", in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        try await withFolder(listen: "[::]:\(daemon.port)") {
            let outcome = try await health($0)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
    }

    @Test("not ready is 1, with what /readyz said")
    func notReady() async throws {
        let body = #"{"tenants":{"acme":{"state":"failed","reason":"line 3","since":"2026-11-21T10:00:00.000Z"}}}"#
        let server = try ScriptedReceiver { request in
            request.path == "/readyz" ? .status(503, body: body) : .status(404)
        }
        defer { server.stop() }
        try await withFolder(listen: "127.0.0.1:\(server.port)") {
            let outcome = try await health($0)
            #expect(outcome.status == 1)
            #expect(outcome.output == "not ready: 0 of 1 tenants ready; acme is failed (line 3)\n")
            let json = try await health($0, "--json")
            #expect(json.status == 1)
            #expect(json.output == body + "\n")
        }
    }

    @Test(
        "no answer, or another's, is 1 with one line that says so",
        arguments: [
            (ScriptedReceiver.Answer.hang, "did not answer within 300ms"), (.drip, "did not answer within 300ms"),
            (.close, "cannot be reached"), (.status(200, body: "hello"), "is not ctid's"),
            (.status(302, headers: ["Location": "/other"]), "is not ctid's"), (.endless, "cannot be reached"),
        ])
    func noAnswer(answer: ScriptedReceiver.Answer, words: String) async throws {
        let server = try ScriptedReceiver { _ in answer }
        defer { server.stop() }
        try await withFolder(listen: "127.0.0.1:\(server.port)") {
            // Those that answer may be slow on a busy machine.
            let limit = words.hasSuffix("300ms") ? "300ms" : "60s"
            let outcome = try await health($0, "--timeout", limit)
            #expect(outcome.status == 1)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
    }

    @Test("nobody there is 1, and so is a port that nobody can know, or no folder: a health check knows 0 and 1")
    func nobody() async throws {
        let port = try { () throws -> Int in
            let server = try ScriptedReceiver()
            defer { server.stop() }
            return server.port
        }()
        try await withFolder(listen: "127.0.0.1:\(port)") {
            let outcome = try await health($0)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("http://127.0.0.1:\(port)/readyz cannot be reached"))
            let elsewhere = try await health("\($0)/nowhere")
            #expect(elsewhere.status == 1)
        }
        try await withFolder(listen: "127.0.0.1:0") {
            let outcome = try await health($0)
            #expect(outcome.status == 1)
        }
        try await withFolder(listen: "127.0.0.1:\(port)", daemon: "limitz: {}") {
            let outcome = try await health($0)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("ctid.yaml:3:1: error: limitz: unknown key"))
        }
    }

    @Test("a daemon that runs on its last good ctid.yaml is healthy")
    func wrongBesideARunningDaemon() async throws {
        try await Acme.run { _, daemon in
            let path = "\(daemon.folder)/ctid.yaml"
            // A port that is known from the file, as it is for real.
            let text = try String(contentsOfFile: path, encoding: .utf8)
                .replacingOccurrences(of: "127.0.0.1:0", with: "127.0.0.1:\(daemon.port)")
            try (text + "\nlimitz: {}\n").write(toFile: path, atomically: true, encoding: .utf8)
            let outcome = try await health(daemon.folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("limitz: unknown key"))
        }
    }

    @Test("with http.tls it asks https, whatever name the certificate is for, and without its key at hand")
    func tls() async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try #"{"tenants":{"acme":{"state":"ready"}}}"#.write(
            toFile: "\(folder)/readyz", atomically: true, encoding: .utf8)
        let made = try await Child(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                "/CN=cti.example", "-keyout", "\(folder)/key.pem", "-out", "\(folder)/crt.pem",
            ]
        ).ended()
        try #require(made.status == 0)
        let server = try Child(
            "/bin/sh",
            [
                "-c",
                "cd \(folder) && exec openssl s_server -accept 127.0.0.1:0 -cert crt.pem -key key.pem -WWW -naccept 2",
            ])
        defer { server.signal(SIGKILL) }
        try await eventually("openssl to listen", within: .seconds(60)) { Self.port(of: server) != nil }
        let port = try #require(Self.port(of: server))
        for place in [folder, "\(folder)/elsewhere"] {
            let yaml = """
                http:
                  listen: "127.0.0.1:\(port)"
                  tls: { certificate_file: \(place)/crt.pem, key_file: \(place)/key.pem }
                """
            try yaml.write(toFile: "\(folder)/ctid.yaml", atomically: true, encoding: .utf8)
            let outcome = try await health(folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output == "ready: 1 of 1 tenants ready\n")
        }
    }

    /// `ACCEPT 127.0.0.1:41234`, once it listens.
    private static func port(of server: Child) -> Int? {
        let line = server.output.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
        return line?.split(separator: ":").last.flatMap { Int($0) }
    }
}
