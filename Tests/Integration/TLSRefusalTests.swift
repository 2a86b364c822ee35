import Foundation
import Hiredis
import TestCertificates
import Testing

/// Servers that must not be spoken to, or will not speak to us: what `check --probe` says of them.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TLSRefusalTests {
    private func expect(
        _ words: String..., of redis: SecureRedis, tenant: String, status: Int32 = 69
    ) async throws {
        let outcome = try await redis.probe(tenant)
        #expect(outcome.status == status)
        for word in words { #expect(outcome.output.contains(word), "\(outcome.output)") }
        #expect(!outcome.output.contains("PRIVATE KEY"))
    }

    /// The TLS library itself would take it: the certificate has the peer's address.
    @Test("a certificate for another name is refused, even if it has the peer's address, and no password is told")
    func wrongName() async throws {
        try await SecureRedis.with(SecureRedis(names: "DNS:other.example,IP:127.0.0.1,IP:::1")) { redis in
            try await expect(
                "the server's certificate is not for localhost, but for other.example, 127.0.0.1, ::1", of: redis,
                tenant: redis.tenant())
            // As an address it is the right one.
            let address = "rediss://127.0.0.1:\(redis.port)/0"
            try await expect("permitted:", of: redis, tenant: redis.tenant(url: address), status: 0)
            let before = try await redis.server.run("INFO", "commandstats").text ?? ""
            let secret = "rediss://user:secret@localhost:\(redis.port)/0"
            try await expect("is not for localhost", of: redis, tenant: redis.tenant(url: secret))
            #expect(try await redis.server.run("INFO", "commandstats").text?.contains("cmdstat_auth") == false)
            #expect(!before.contains("cmdstat_auth"))
        }
    }

    @Test("a certificate of an authority that nobody named is refused")
    func unknownAuthority() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            let other = try TestAuthority("other", in: redis.authority.folder)
            try await expect(
                "by none of the authorities in \(other.certificate) (but by CN=Test authority)", "as ca_file",
                of: redis, tenant: redis.tenant(redis: "ca_file: \(other.certificate)"))
            try await expect(
                "by none of the system's authorities", of: redis, tenant: redis.tenant(redis: ""))
        }
    }

    @Test("an expired certificate is refused")
    func expired() async throws {
        try await SecureRedis.with(SecureRedis(days: -1)) { redis in
            try await expect("the server's certificate expired on 20", of: redis, tenant: redis.tenant())
        }
    }

    @Test(
        "a server that demands a certificate of ours is said to", arguments: ["TLSv1.2", "TLSv1.3"])
    func clientCertificate(version: String) async throws {
        try await SecureRedis.with(SecureRedis(clients: "yes", ["--tls-protocols", version])) { redis in
            try await expect(
                "demand", "client certificate", "cert_file", of: redis, tenant: redis.tenant())
            let stranger = try TestAuthority("stranger", in: redis.authority.folder).issue("intruder")
            let keys = """
                ca_file: \(redis.authority.certificate)
                  cert_file: \(stranger.certificate)
                  key_file: \(stranger.key)
                """
            try await expect(
                "the server does not know who signed our certificate", of: redis, tenant: redis.tenant(redis: keys))
        }
    }

    @Test("a server without TLS, and one with TLS alone, are said to be so")
    func plainServer() async throws {
        let plain = try FreePort.any()
        try await SecureRedis.with(SecureRedis(["--port", "\(plain)"])) { redis in
            try await expect(
                "it speaks no TLS there", of: redis, tenant: redis.tenant(url: "rediss://localhost:\(plain)/0"))
            try await expect(
                "cannot be reached", "perhaps it speaks TLS: expected rediss://", of: redis,
                tenant: redis.tenant(url: "redis://localhost:\(redis.port)/0", redis: ""))
        }
    }

    @Test("a server that is no longer there, or says nothing, is not mistaken for one without TLS")
    func away() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            redis.server.signal(SIGSTOP)
            try await expect("does not answer", "says nothing to a TLS hand-shake", of: redis, tenant: redis.tenant())
            redis.server.signal(SIGCONT)
            await redis.server.kill()
            try await expect("cannot be reached", of: redis, tenant: redis.tenant())
        }
    }

    @Test("files that are no pair, or no authority, are found by check")
    func files() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            let (one, two) = (try redis.authority.issue("one"), try redis.authority.issue("two"))
            let keys = "cert_file: \(one.certificate)\n  key_file: \(two.key)\n  ca_file: \(one.key)"
            try await expect(
                "redis.key_file: the key in \(two.key) is not that of the first certificate",
                "redis.ca_file: \(one.key) holds no certificate", of: redis, tenant: redis.tenant(redis: keys),
                status: 78)
        }
    }
}
