import Foundation
import Glibc
import TestCertificates

/// A real redis-server that speaks TLS on a port, with a certificate of an authority of its own; its Unix socket is the
/// way in for the test.
final class SecureRedis: Sendable {
    let authority: TestAuthority
    let server: RedisServer
    let port: Int
    var url: String { "rediss://localhost:\(port)/0" }

    /// - Parameters:
    ///   - names: in the server's certificate.
    ///   - days: so long that is valid.
    ///   - clients: whether it wants a certificate of clients: `no`, `yes`.
    init(
        names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 2, clients: String = "no", _ more: [String] = []
    ) async throws {
        authority = try TestAuthority(in: try TemporaryFolder.make())
        let pair = try authority.issue("server", names: names, days: days)
        port = try FreePort.any()
        let arguments = [
            "--tls-port", "\(port)", "--tls-cert-file", pair.certificate, "--tls-key-file", pair.key,
            "--tls-ca-cert-file", authority.certificate, "--tls-auth-clients", clients,
        ]
        server = try await RedisServer(arguments: RedisServer.persistent + arguments + more)
    }

    static func with(_ redis: SecureRedis, _ body: (SecureRedis) async throws -> Void) async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(redis)) } catch { outcome = .failure(error) }
        await redis.server.stop()
        try? FileManager.default.removeItem(atPath: redis.authority.folder)
        try outcome.get()
    }

    /// A tenant's file. Freshness is not what is tested here.
    func tenant(url: String? = nil, redis: String? = nil, _ more: String = "") -> String {
        """
        redis:
          url: "\(url ?? self.url)"
          delivery: at-least-once
          \(redis ?? "ca_file: \(authority.certificate)")
        fresh_for: 60s
        rules:
          - { name: All, on: [ up ], do: [ { open: { url: "https://crm.example/{callRef}", mode: new_frame } } ] }
        \(more)
        """
    }

    /// Runs the built daemon with this tenant.
    func run(_ tenant: String, _ body: (DaemonUnderTest) async throws -> Void) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": tenant], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(daemon)) } catch { outcome = .failure(error) }
        let end = await daemon.stop(SIGKILL).outcome
        do { try outcome.get() } catch {
            throw DaemonUnderTest.NotReady(what: "\(error), status \(end.status)", log: end.errors)
        }
    }

    /// What `check --probe` says of this tenant.
    func probe(_ tenant: String) async throws -> Child.Outcome {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": tenant], in: folder)
        return try await Child.run("check", "--probe", "--config", folder)
    }
}
