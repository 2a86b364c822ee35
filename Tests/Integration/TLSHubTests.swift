import Foundation
import TestCertificates
import Testing

/// The hub over HTTPS: streams, pages, WebSockets, and a certificate that is renewed while they are open.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TLSHubTests {
    /// A daemon whose hub shows the certificate `hub`, of an authority of its own.
    private func run(
        days: Int = 2, _ body: (RedisServer, DaemonUnderTest, TestAuthority) async throws -> Void
    ) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try TestAuthority(in: "\(folder)/authority")
        try authority.issue("hub", days: days)
        try Self.configure(redis, in: folder)
        let daemon = try await DaemonUnderTest(folder: folder, authority: authority.certificate)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(redis, daemon, authority)) } catch { outcome = .failure(error) }
        let log = daemon.log
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        do { try outcome.get() } catch { throw DaemonUnderTest.NotReady(what: "\(error)", log: log) }
    }

    private static func configure(_ redis: RedisServer, in folder: String) throws {
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis)], in: folder)
        let yaml = """
            http:
              listen: "127.0.0.1:0"
              tls: { certificate_file: authority/hub.pem, key_file: authority/hub.key }
            data_dir: \(folder)/data
            """
        try yaml.write(toFile: "\(folder)/ctid.yaml", atomically: true, encoding: .utf8)
    }

    /// Whether an HTTP client that others wrote gets in; it looks at the certificate itself.
    private func curl(_ url: String, trusting authority: TestAuthority, _ more: [String] = []) async throws
        -> Child.Outcome
    {
        let arguments = ["--silent", "--show-error", "--max-time", "20", "--cacert", authority.certificate]
        return try await Child("/usr/bin/curl", arguments + more + [url]).ended()
    }

    /// The serial number of the certificate that a new connection is shown.
    private func serial(_ daemon: DaemonUnderTest) async throws -> String {
        let client = try await Child(
            "/bin/sh",
            ["-c", "openssl s_client -connect localhost:\(daemon.port) </dev/null | openssl x509 -noout -serial"]
        ).ended()
        return client.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func serial(ofFile path: String) async throws -> String {
        try await Child("/usr/bin/openssl", ["x509", "-noout", "-serial", "-in", path]).ended().output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("an agent's stream, pages and metrics come over HTTPS, and nothing in plain text")
    func streams() async throws {
        try await run { redis, daemon, authority in
            let stream = try await daemon.stream(agent: "1007")
            try await redis.push(Acme.call("one"))
            try await stream.event("pop", ref: "one")
            let page = try await curl("\(daemon.base)/healthz", trusting: authority, ["--write-out", "%{http_code}"])
            #expect(page.status == 0 && page.output.hasSuffix("200"), "\(page.errors)")
            // curl's own word for a certificate that it does not trust.
            let stranger = try TestAuthority("stranger", in: authority.folder)
            #expect(try await curl("\(daemon.base)/healthz", trusting: stranger).status == 60)
            let plain = try await curl("http://localhost:\(daemon.port)/healthz", trusting: authority)
            #expect(plain.status != 0 && plain.output.isEmpty)
            // No older TLS.
            let old = ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"]
            #expect(try await curl("\(daemon.base)/healthz", trusting: authority, old).status == 35)
            let metrics = try await daemon.get("/metrics").body
            let line = metrics.split(separator: "\n").first {
                $0.hasPrefix("ctid_tls_certificate_expiry_timestamp_seconds ")
            }
            let end = try #require(line.flatMap { Double($0.split(separator: " ")[1]) })
            #expect(abs(end - Date().timeIntervalSince1970 - 2 * 86_400) < 3_600)
            #expect(metrics.contains("ctid_tls_certificate_reloads_total{outcome=\"taken\"} 0\n"))
        }
    }

    @Test(
        "a Socket.IO client of others comes in over wss",
        .enabled(if: SocketPeer.isThere, "SKIPPED: .build/peers is not there, Tools/peers.sh makes it"))
    func webSocket() async throws {
        try await run { redis, daemon, authority in
            let token = try await daemon.token("acme", "1007")
            let peer = try SocketPeer(
                daemon,
                ["auth": ["token": token, "tenant": "acme", "extension": "1007"], "transports": ["websocket"]],
                trusting: authority.certificate)
            try await peer.event("connect")
            try await redis.push(Acme.call("one"))
            try await peer.event("pop", ref: "one")
            await peer.stop()
        }
    }

    @Test("a renewed certificate is shown to new connections within seconds; open streams stay")
    func renewal() async throws {
        try await run { redis, daemon, authority in
            let file = "\(authority.folder)/hub.pem"
            let first = try await serial(ofFile: file)
            #expect(try await serial(daemon) == first)
            let stream = try await daemon.stream(agent: "1007")
            let renewed = try authority.issue("renewed", days: 30)
            // One after the other, as most tools do: in between they are no pair.
            try replace(file, by: renewed.certificate)
            try replace("\(authority.folder)/hub.key", by: renewed.key)
            let second = try await serial(ofFile: renewed.certificate)
            #expect(second != first)
            try await eventually("the new one to be shown", within: .seconds(30)) {
                try await serial(daemon) == second
            }
            #expect(try await daemon.get("/metrics").body.contains("reloads_total{outcome=\"taken\"} 1\n"))
            try await redis.push(Acme.call("one"))
            try await stream.event("pop", ref: "one")
            #expect(stream.names.filter { $0 == "hello" }.count == 1)
        }
    }

    @Test("files behind a link that is turned round are found, too")
    func link() async throws {
        try await run { redis, daemon, authority in
            let (folder, manager) = (authority.folder, FileManager.default)
            let renewed = try authority.issue("renewed")
            for name in ["hub.pem", "hub.key"] {
                let target = name == "hub.pem" ? renewed.certificate : renewed.key
                try manager.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: target)
                #expect(rename("\(folder)/link", "\(folder)/\(name)") == 0)
            }
            let expected = try await serial(ofFile: renewed.certificate)
            try await eventually("the new one to be shown", within: .seconds(30)) {
                try await serial(daemon) == expected
            }
        }
    }

    @Test("a renewal that went wrong is said once, and the last good certificate stays; then a good one is taken")
    func brokenRenewal() async throws {
        try await run { redis, daemon, authority in
            let file = "\(authority.folder)/hub.pem"
            let first = try await serial(ofFile: file)
            let renewed = try authority.issue("renewed")
            try replace(file, by: renewed.certificate)
            let words = "is not that of the first certificate"
            try await eventually("it to be said", within: .seconds(30)) { daemon.log.contains(words) }
            #expect(try await serial(daemon) == first)
            try await eventually("it to be counted", within: .seconds(30)) {
                try await daemon.get("/metrics").body.contains("reloads_total{outcome=\"failed\"} 1\n")
            }
            #expect(daemon.log.split(separator: "\n").filter { $0.contains(words) }.count == 1)
            try replace("\(authority.folder)/hub.key", by: renewed.key)
            let second = try await serial(ofFile: renewed.certificate)
            try await eventually("the good one to be shown", within: .seconds(30)) {
                try await serial(daemon) == second
            }
        }
    }

    private func replace(_ path: String, by other: String) throws {
        let manager = FileManager.default
        try manager.copyItem(atPath: other, toPath: path + ".new")
        try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + ".new")
        #expect(rename(path + ".new", path) == 0)
    }

    @Test("files that are no pair, or an encrypted key, end the start with 78 and the reason")
    func wrongFiles() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let authority = try TestAuthority(in: "\(folder)/authority")
        let (hub, other) = (try authority.issue("hub"), try authority.issue("other"))
        try Self.configure(redis, in: folder)
        let good = try Data(contentsOf: URL(fileURLWithPath: hub.key))
        try replace(hub.key, by: other.key)
        let mismatch = try await Child.run("run", "--config", folder)
        #expect(mismatch.status == 78)
        #expect(
            mismatch.errors.contains("http.tls.key_file: the key in \(hub.key) is not that of the first certificate"))
        try good.write(to: URL(fileURLWithPath: other.key))
        try TestAuthority.openssl(["pkey", "-in", other.key, "-aes256", "-passout", "pass:secret", "-out", hub.key])
        let encrypted = try await Child.run("run", "--config", folder)
        #expect(encrypted.status == 78)
        #expect(encrypted.errors.contains("is encrypted, expected one without a passphrase"))
        await redis.stop()
    }
}
