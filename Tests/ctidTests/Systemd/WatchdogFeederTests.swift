import CTICore
import CTIHub
import CTIPipeline
import Foundation
import Hiredis
import Logging
import TestReceivers
import Testing

@testable import ctid

/// When systemd's watchdog is fed, with real threads and a real socket.
@Suite(.timeLimit(.minutes(1)))
struct WatchdogFeederTests {
    private let acme = TenantID.acme

    /// Runs a feeder at a third of 60 ms, impatient, for one tenant whose log is `log`.
    private func withFeeder(
        log: any EventLog, _ body: (NotifyReceiver, RedisEventLoop) async throws -> Void
    ) async throws {
        let receiver = try NotifyReceiver("@ctid-watchdog-\(UUID().uuidString)")
        let loop = try RedisEventLoop()
        defer {
            receiver.stop()
            loop.stop()
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let desk = TenantDesk(
            profile: TenantProfile(id: acme, rules: []), log: InMemoryEventLog(), loop: loop, logger: logger,
            now: Clocks.wall)
        let tokens = try await TokenVerifier(hs256Secret: Array("0123456789abcdef0123456789abcdef".utf8))
        let tenant = HubTenant(gateway: desk, log: log, tokens: tokens)
        let feeder = WatchdogFeeder(
            SystemdNotifier(environment: ["NOTIFY_SOCKET": receiver.name, "WATCHDOG_USEC": "60000"]),
            tenants: TenantRegistry([tenant], phase: .serving), loop: loop, logger: logger,
            book: PulseBook(patience: .milliseconds(500), patienceForLog: .milliseconds(500)))
        try await withThrowingTaskGroup { group in
            group.addTask { await feeder.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body(receiver, loop)) } catch { result = .failure(error) }
            group.cancelAll()
            try await group.waitForAll()
            try result.get()
        }
    }

    private func fed(_ receiver: NotifyReceiver) -> Int { receiver.lines.count { $0 == "WATCHDOG=1" } }

    private func isStuck(_ receiver: NotifyReceiver, _ what: String) -> Bool {
        receiver.lines.contains { $0.hasPrefix("STATUS=stuck: \(what), for ") }
    }

    /// No feed comes between this and the second word that it is stuck.
    private func expectNoFeed(_ receiver: NotifyReceiver) async {
        let count = fed(receiver)
        // As long as two and a half feeds would take at least.
        let end = ContinuousClock.now + .milliseconds(200)
        while ContinuousClock.now < end { await Task.yield() }
        #expect(fed(receiver) == count)
    }

    @Test func `it is fed while a tenant has no Redis and its log cannot be read`() async throws {
        let log = InMemoryEventLog()
        await log.fail(with: EventLogError(.full, "for the test"))
        try await withFeeder(log: log) { receiver, _ in
            while fed(receiver) < 50 { await Task.yield() }
            #expect(receiver.lines.contains("STATUS=0 of 1 tenant ready"))
            #expect(!receiver.lines.contains { $0.contains("stuck") })
        }
    }

    @Test func `it is not fed while a log is stuck, and fed again when it moves`() async throws {
        let log = StuckLog()
        try await withFeeder(log: log) { receiver, _ in
            while !isStuck(receiver, "tenant acme: the event log") { await Task.yield() }
            await expectNoFeed(receiver)
            let before = fed(receiver)
            await log.release()
            while fed(receiver) < before + 3 { await Task.yield() }
        }
    }

    @Test func `it is not fed while the thread of the Redis connections is held`() async throws {
        try await withFeeder(log: InMemoryEventLog()) { receiver, loop in
            while fed(receiver) < 2 { await Task.yield() }
            let hold = DispatchSemaphore(value: 0)
            let holder = Holder(loop: loop)
            async let held: Void = holder.wait(for: hold)
            while !isStuck(receiver, "the thread of the Redis connections") { await Task.yield() }
            await expectNoFeed(receiver)
            let before = fed(receiver)
            hold.signal()
            await held
            while fed(receiver) < before + 3 { await Task.yield() }
        }
    }

    /// Blocks the loop's thread, which nothing ever may.
    private actor Holder: LoopActor {
        let loop: RedisEventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        init(loop: RedisEventLoop) { self.loop = loop }
        func wait(for semaphore: DispatchSemaphore) { _ = semaphore.wait(timeout: .now() + 50) }
    }
}

/// A log that answers nothing until it is released.
private actor StuckLog: EventLog {
    private let log = InMemoryEventLog()
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isReleased = false

    func release() {
        isReleased = true
        for waiter in waiting { waiter.resume() }
        waiting = []
    }

    private func hang() async {
        if !isReleased { await withCheckedContinuation { waiting.append($0) } }
    }

    func bounds() async throws(EventLogError) -> LogBounds {
        await hang()
        return try await log.bounds()
    }

    func append(_ entries: [LogEntry]) async throws(EventLogError) -> Position {
        await hang()
        return try await log.append(entries)
    }

    func entries(_ selection: LogSelection, after position: Position?, limit: Int) async throws(EventLogError)
        -> [RecordedEntry]
    { [] }
    func recentCalls(before position: Position?, limit: Int) async throws(EventLogError) -> [RecordedEntry] { [] }
    func mark(_ name: String) async throws(EventLogError) -> [UInt8]? { nil }
    func held(agent: Extension) async throws(EventLogError) -> [RecordedEntry] { [] }
    func release(_ positions: [Position]) async throws(EventLogError) {}
    func trim(before moment: Timestamp) async throws(EventLogError) -> Int { 0 }
    func removeDeadLetters(at positions: [Position]) async throws(EventLogError) -> [Position] { [] }
    func setMark(_ name: String, _ value: [UInt8]?) async throws(EventLogError) {}
}

extension TenantID {
    static let acme = TenantID("acme") ?? { preconditionFailure("acme is an id") }()
}
