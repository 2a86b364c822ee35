import Foundation

extension Acme {
    /// The small world with rules of a test's own, and whatever else its file shall say.
    static func run(
        rules: String, more: String, _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = """
            redis: { url: "unix://\(redis.socket)?db=0" }
            agents: [ { extension: "1007", name: John Doe, peer: SIP/john.doe, crm_user: "005" } ]
            rules:
            \(rules)
            \(more)
            """
        try DaemonUnderTest.configure(["acme": file], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(redis, daemon)) } catch { outcome = .failure(error) }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        try outcome.get()
    }
}
