import Foundation

extension Acme {
    /// The small world with rules of a test's own, and whatever else its file shall say.
    static func run(
        rules: String, more: String, _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        try await run(body) { redis in
            """
            redis: { url: "unix://\(redis.socket)?db=0" }
            agents: [ { extension: "1007", name: John Doe, peer: SIP/john.doe, crm_user: "005" } ]
            rules:
            \(rules)
            \(more)
            """
        }
    }
}
