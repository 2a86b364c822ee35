import Foundation
import Hiredis
import TestCertificates
import Testing

/// Calls that come from a Redis over TLS, to the built daemon from a real redis-server.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TLSRedisTests {
    @Test("everything that connects to a Redis does so over TLS")
    func everythingConnects() async throws {
        try await SecureRedis.with(SecureRedis(["--port", "0"])) { redis in
            let file = redis.tenant(
                redis: """
                    ca_file: \(redis.authority.certificate)
                      keys: { cdr: "\(Acme.records)", agents: "enigma:notifications:agents:*" }
                    """,
                """
                agents: [ { extension: "1007", name: John Doe } ]
                sinks:
                  redis: [ { url: "\(redis.url)", ca_file: \(redis.authority.certificate), stream: told } ]
                """)
            #expect(try await redis.probe(file).status == 0)
            try await redis.run(file) { daemon in
                let stream = try await daemon.stream(agent: "1007")
                let outcome = try await Child(
                    Child.ctid,
                    [
                        "send", "--config", daemon.folder, "--tenant", "acme", "--number", "0821234567", "--extension",
                        "1007", "--call-ref", "sent",
                    ]
                ).ended()
                #expect(outcome.status == 0, "\(outcome.errors)")
                try await stream.event("pop", ref: "sent")
                try await redis.server.push(Acme.record("sent"), to: Acme.records)
                try await stream.event("clear", ref: "sent")
                try await eventually("the channels to be listened to") {
                    try await redis.server.run("PUBSUB", "NUMPAT").integer == 1
                }
                try await eventually("the sink to tell of both") {
                    try await redis.server.run("XLEN", "told").integer == 2
                }
                let clients = try await redis.server.run("CLIENT", "LIST").text ?? ""
                let names = ["ctid-acme", "ctid-acme/cdr", "ctid-acme/agents"]
                for name in names {
                    #expect(clients.contains("laddr=127.0.0.1:\(redis.port) ") && clients.contains(" name=\(name) "))
                }
            }
        }
    }

    @Test("a certificate and key of ours are shown to a server that demands them")
    func clientCertificate() async throws {
        try await SecureRedis.with(SecureRedis(clients: "yes")) { redis in
            let ours = try redis.authority.issue("client", names: "")
            let keys = """
                ca_file: \(redis.authority.certificate)
                  cert_file: \(ours.certificate)
                  key_file: \(ours.key)
                """
            try await redis.run(redis.tenant(redis: keys)) { daemon in
                let stream = try await daemon.stream(agent: "1007")
                try await redis.server.push(Acme.call("one"))
                try await stream.event("pop", ref: "one")
            }
        }
    }

    @Test("files that are renewed are used from the next connection on")
    func renewedAuthority() async throws {
        try await SecureRedis.with(SecureRedis()) { redis in
            let other = try TestAuthority("other", in: redis.authority.folder)
            let file = "\(redis.authority.folder)/renewed.pem"
            try FileManager.default.copyItem(atPath: redis.authority.certificate, toPath: file)
            try await redis.run(redis.tenant(redis: "ca_file: \(file)")) { daemon in
                try FileManager.default.removeItem(atPath: file)
                try FileManager.default.copyItem(atPath: other.certificate, toPath: file)
                try await redis.server.run("CLIENT", "KILL", "TYPE", "normal")
                try await eventually("the trouble to be told", within: .seconds(60)) {
                    try await Readyz(daemon).tenants["acme"]?.reason?.contains("name the file of who signed it") == true
                }
                try await daemon.says("(but by CN=Test authority)")
                try FileManager.default.removeItem(atPath: file)
                try FileManager.default.copyItem(atPath: redis.authority.certificate, toPath: file)
                let stream = try await daemon.stream(agent: "1007")
                try await redis.server.push(Acme.call("one"))
                try await stream.event("pop", ref: "one", within: .seconds(60))
            }
        }
    }
}
