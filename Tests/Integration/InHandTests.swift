import Foundation
import Testing

/// The built binary, killed by what it handles, or before it could record it: nothing is lost, and nothing kills it
/// for ever.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct InHandTests {
    @Test(
        "a notification that ends the daemon three times becomes a dead letter, and those around it are handled",
        arguments: ["at-least-once", "at-most-once"])
    func poison(_ delivery: String) async throws {
        try await withScene(delivery: delivery) { redis, folder in
            for ref in ["before", "poison", "after"] { try await redis.push(Acme.call(ref)) }
            var deaths = 0
            while deaths < 5 {
                let daemon = try crashing(on: "poison", folder)
                if try await survives(daemon) {
                    #expect(daemon.errors.contains("ended the daemon 3 times"))
                    daemon.signal(SIGTERM)
                    #expect(await daemon.ended().status == 0)
                    break
                }
                deaths += 1
                #expect(await daemon.ended().status >= 128, "it crashed")
            }
            #expect(deaths == 3)
            let daemon = try await DaemonUnderTest(folder: folder)
            try await eventually("the list to be empty") { try await redis.length() == 0 }
            let calls = try await daemon.calls()
            _ = await daemon.stop(SIGKILL)
            #expect(calls.contains("\"before\"") && calls.contains("\"after\"") && !calls.contains("\"poison\""))
        }
    }

    private func withScene(
        delivery: String, _ body: (RedisServer, String) async throws -> Void
    ) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis, delivery: delivery)], in: folder)
        do {
            try await body(redis, folder)
        } catch {
            await redis.stop()
            throw error
        }
        await redis.stop()
    }

    /// A debug build ends itself where a notification contains this text.
    private func crashing(on text: String, _ folder: String) throws -> Child {
        // Nobody reads the backtrace, which takes seconds to make.
        try Child(
            "/usr/bin/env",
            ["CTID_CRASH_ON=\(text)", "SWIFT_BACKTRACE=enable=no", Child.ctid, "run", "--config", folder])
    }

    /// Whether it is at work, and not dead.
    private func survives(_ daemon: Child) async throws -> Bool {
        var isFetching = false
        try await eventually("the daemon to work or to end") {
            isFetching = daemon.errors.contains("ended the daemon 3 times")
            return isFetching || !daemon.isRunning
        }
        return isFetching
    }
}
