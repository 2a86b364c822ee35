import Foundation
import TestReceivers
import Testing

/// The binary as systemd sees it. What needs a systemd itself is in Tests/Systemd.
@Suite(.timeLimit(.minutes(3)))
struct SystemdTests {
    @Test("it says that it is ready, how it is, that it moves although Redis is down, and that it stops")
    func notified() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        let receiver = try NotifyReceiver("\(folder)/notify")
        defer {
            receiver.stop()
            try? FileManager.default.removeItem(atPath: folder)
        }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis)], in: folder)
        let daemon = try Child(
            "/usr/bin/env",
            ["NOTIFY_SOCKET=\(receiver.name)", "WATCHDOG_USEC=300000", Child.ctid, "run", "--config", folder])
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await observe(redis, receiver)) } catch { outcome = .failure(error) }
        daemon.signal(SIGTERM)
        let end = await daemon.ended()
        await redis.stop()
        try outcome.get()
        #expect(end.status == 0, "\(end.errors)")
        #expect(receiver.lines.contains("STOPPING=1"))
        #expect(receiver.lines.filter { $0 == "READY=1" }.count == 1)
        #expect(!receiver.lines.contains { $0.contains("stuck") })
    }

    private func observe(_ redis: RedisServer, _ receiver: NotifyReceiver) async throws {
        let limit = Duration.seconds(60)
        try await eventually("it to be ready", within: limit) { receiver.lines.contains("READY=1") }
        try await eventually("its status", within: limit) { receiver.lines.contains("STATUS=1 of 1 tenant ready") }
        await redis.kill()
        try await eventually("the outage", within: limit) {
            receiver.lines.last { $0.hasPrefix("STATUS=") } == "STATUS=0 of 1 tenant ready"
        }
        let fed = receiver.lines.filter { $0 == "WATCHDOG=1" }.count
        try await eventually("it to be fed all the same", within: limit) {
            receiver.lines.filter { $0 == "WATCHDOG=1" }.count >= fed + 20
        }
    }
}
