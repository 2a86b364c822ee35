import CTICore
import Hiredis
import Logging
import Testing

@testable import CTIPipeline

/// What a watchdog is told: an outage goes on by turns, only what has no turn stands still.
@Suite(.timeLimit(.minutes(1)))
struct StandstillTests {
    private let log = InMemoryEventLog()

    private func withDesk(log: (any EventLog)? = nil, _ body: (TenantDesk) async throws -> Void) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let desk = TenantDesk(
            profile: TenantProfile(id: try #require(TenantID("acme")), rules: []), log: log ?? self.log, loop: loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { Timestamp(milliseconds: 0) })
        try await withThrowingTaskGroup { group in
            group.addTask { await desk.run() }
            try await body(desk)
            await desk.stop()
            try await group.waitForAll()
        }
    }

    /// Nobody listens there.
    private let nowhere = RedisEndpoint(address: .unix(path: "/nowhere/redis.sock"))

    @Test("a source whose Redis is down takes turns: each try is one, and only the want of tries is a standstill")
    func outage() async throws {
        try await withDesk { desk in
            let settings = RedisListSettings(endpoint: nowhere)
            let source = RedisListSource(settings, loop: desk.loop, consumer: desk)
            await desk.expect(source)
            #expect(await desk.standstill(at: .now + .seconds(3600)) == nil, "it does not run yet")
            try await withThrowingTaskGroup { group in
                group.addTask { await source.run() }
                var turns: Set<ContinuousClock.Instant> = []
                while turns.count < 4 {
                    if let turn = await source.status.turnedAt { turns.insert(turn) }
                    await Task.yield()
                }
                #expect(await source.status.answeredAt == nil)
                #expect(await desk.pulse().standstill == nil)
                #expect(await desk.pulse().readiness.state == .failed)
                let bound = settings.longestTurn
                #expect(await desk.standstill(at: .now + bound - .seconds(30)) == nil)
                #expect(await desk.standstill(at: .now + bound + .seconds(1))?.part == "the inbound list")
                await source.stop()
                try await group.waitForAll()
            }
            #expect(await desk.standstill(at: .now + .seconds(3600)) == nil, "it was stopped")
        }
    }

    @Test("the bound of a source is beyond all that it waits for by itself")
    func bounds() {
        let list = RedisListSettings(endpoint: nowhere)
        #expect(list.longestTurn > list.wait + list.grace + list.grace + BackOff.longest)
        let channels = RedisChannelSettings(endpoint: nowhere, pattern: "*")
        #expect(channels.longestTurn > channels.ping + channels.grace + channels.grace + BackOff.longest)
    }

    @Test("channels whose Redis is down take turns, too")
    func channels() async throws {
        try await withDesk { desk in
            let source = RedisChannelSource(
                RedisChannelSettings(endpoint: nowhere, pattern: "*"), loop: desk.loop, consumer: desk)
            await desk.expect(source)
            try await withThrowingTaskGroup { group in
                group.addTask { await source.run() }
                while await source.status.turnedAt == nil { await Task.yield() }
                #expect(await desk.pulse().standstill == nil)
                let later = ContinuousClock.now + .seconds(300)
                #expect(await desk.standstill(at: later)?.part == "the agents' channels")
                await source.stop()
                try await group.waitForAll()
            }
            #expect(await desk.standstill(at: .now + .seconds(3600)) == nil)
        }
    }

    @Test("a log that cannot be written is tried again and again, which is moving")
    func logFails() async throws {
        await log.failAppends(with: EventLogError(.full, "for the test"))
        try await withDesk { desk in
            await desk.take(Array("nonsense".utf8))
            var turns: Set<ContinuousClock.Instant> = []
            while turns.count < 4 {
                if let turn = await desk.recordTurnedAt { turns.insert(turn) }
                await Task.yield()
            }
            #expect(await desk.pulse().standstill == nil)
            await log.failAppends(with: nil)
            while await desk.recordTurnedAt != nil { await Task.yield() }
            #expect(await desk.standstill(at: .now + .seconds(3600)) == nil, "nothing is to be recorded")
        }
    }

    @Test("an append that does not come back is a standstill, after longer than any disk takes")
    func logHangs() async throws {
        let hanging = HangingLog()
        try await withDesk(log: hanging) { desk in
            await desk.take(Array("nonsense".utf8))
            while await desk.recordTurnedAt == nil { await Task.yield() }
            #expect(await desk.standstill(at: .now + .seconds(30)) == nil)
            #expect(await desk.standstill(at: .now + .seconds(100))?.part == "the event log")
            await hanging.goOn()
        }
    }

    @Test(
        "a source that waits to be recorded is excused as long as that goes on",
        arguments: [
            // Whether it waits, whether the log is being written, when there was last room; when it turned last.
            (false, false, nil, 0), (false, true, nil, 0),
            (true, true, nil, nil), (true, false, nil, 0), (true, false, 40, 40),
        ] as [(Bool, Bool, Int?, Int?)])
    func waits(isWaiting: Bool, isRecording: Bool, room: Int?, expected: Int?) {
        let start = ContinuousClock.now
        var status = SourceStatus(delivery: .atLeastOnce)
        #expect(status.lastTurn(isRecording: isRecording, heldSince: start) == nil, "it does not run")
        status.turnedAt = start
        status.waitsForRecord = isWaiting
        let turn = status.lastTurn(isRecording: isRecording, heldSince: room.map { start + .seconds($0) })
        #expect(turn == expected.map { start + .seconds($0) })
    }
}

/// A log whose appends do not come back until they are let go on.
private actor HangingLog: EventLog {
    private var waiting: CheckedContinuation<Void, Never>?
    private var goesOn = false

    func goOn() {
        goesOn = true
        waiting?.resume()
        waiting = nil
    }

    func append(_ entries: [LogEntry]) async throws(EventLogError) -> Position {
        if !goesOn { await withCheckedContinuation { waiting = $0 } }
        return Position(1)
    }

    func bounds() async throws(EventLogError) -> LogBounds { LogBounds(oldest: Position(1), newest: Position(0)) }
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
