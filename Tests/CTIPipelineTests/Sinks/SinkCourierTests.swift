import CTICore
import Logging
import Synchronization
import Testing

@testable import CTIPipeline

struct SinkCourierTests {
    private static let noon = Timestamp(milliseconds: 1_795_255_200_000)

    private let log = InMemoryEventLog()

    private func call(_ ref: String, at moment: Timestamp = noon) -> LogEntry {
        LogEntry(kind: .call, ref: CallRef(ref), at: moment, data: Array("\"\(ref)\"".utf8))
    }

    /// A courier at work for as long as `body` is.
    private func run(
        _ sink: InMemorySink, now: @escaping @Sendable () -> Timestamp = { noon },
        _ body: (_ desk: any SinkDesk, _ courier: SinkCourier) async throws -> Void
    ) async throws {
        let desk = InMemorySinkDesk(log: log)
        let courier = SinkCourier(sink, log: log, desk: desk, logger: Logger(label: "test"), now: now)
        try await courier.prepare()
        try await withThrowingTaskGroup { group in
            group.addTask { await courier.run() }
            try await body(desk, courier)
            await courier.finish(within: .seconds(60))
            try await group.waitForAll()
        }
    }

    private func refs(_ sink: InMemorySink) -> [String] { sink.received.compactMap(\.ref?.rawValue) }

    private func wait(until condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(.now < deadline, "it did not come to pass")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test func whatIsRecordedIsDeliveredAndNoted() async throws {
        let sink = InMemorySink()
        try await run(sink) { desk, courier in
            await desk.record([call("a"), call("b")])
            try await wait { sink.received.count == 2 }
        }
        let noted = try await log.entries(.kind(.delivery), after: nil, limit: 10).map(\.entry)
        #expect(noted.map(\.ref?.rawValue) == ["a", "b"])
        #expect(SinkRecord(noted[0])?.sink == sink.name)
        #expect(SinkRecord(noted[0])?.tries == 1)
    }

    @Test func aNewSinkBeginsWithWhatIsNew() async throws {
        _ = try await log.append([call("before")])
        let sink = InMemorySink()
        try await run(sink) { desk, _ in
            await desk.record([call("after")])
            try await wait { sink.received.count == 1 }
        }
        #expect(refs(sink) == ["after"])
    }

    @Test func whatHappenedWhileItWasAwayIsToldOnce() async throws {
        let sink = InMemorySink()
        try await run(sink) { desk, _ in await desk.record([call("a")]) }
        _ = try await log.append([call("b"), call("c")])
        try await run(sink) { _, _ in }
        try await run(sink) { _, _ in }
        #expect(refs(sink) == ["a", "b", "c"])
    }

    @Test func aSinkThatIsToldNothingKeepsUpAllTheSame() async throws {
        let sink = InMemorySink(selection: .realtime)
        try await run(sink) { desk, _ in await desk.record([call("a")]) }
        let place = try #require(try await log.mark("sink \(sink.name)").flatMap { SinkPlace(json: $0) })
        #expect(place.read >= (try await log.bounds().newest.rawValue))
    }

    @Test func whatIsTrimmedWhileItIsAwayIsSaid() async throws {
        let sink = InMemorySink(settings: SinkSettings(failuresUntilDown: 1, pause: .seconds(60) ... .seconds(60)))
        sink.fail(with: SinkFailure(.unreachable, "away"))
        var couriers: [SinkCourier] = []
        try await run(sink) { desk, courier in
            couriers.append(courier)
            // More than it holds: the rest waits in the log, which does not wait.
            await desk.record((0..<400).map { call("\($0)") })
            try await wait { courier.status.downSince != nil && courier.status.waiting >= SinkQueue.room }
            _ = try await log.trim(before: Self.noon.adding(.seconds(5)))
            sink.fail(with: nil)
            await desk.record([call("last", at: Self.noon.adding(.seconds(10)))])
        }
        try await run(sink) { _, courier in
            couriers.append(courier)
            try await wait { refs(sink).contains("last") }
        }
        // Whichever of them came upon it.
        #expect(couriers.map(\.status.gaps).reduce(0, +) == 1)
    }

    @Test func aSinkThatWasTakenAwayAndComesBackIsANewOne() async throws {
        let (kept, gone) = (InMemorySink("kept"), InMemorySink("gone"))
        try await SinkCourier.forgetOthers(than: [kept.name, gone.name], in: log)
        for sink in [kept, gone] { try await run(sink) { _, _ in } }
        try await SinkCourier.forgetOthers(than: [kept.name], in: log)
        _ = try await log.append([call("meanwhile")])
        try await SinkCourier.forgetOthers(than: [kept.name, gone.name], in: log)
        for sink in [kept, gone] { try await run(sink) { _, _ in } }
        #expect(refs(kept) == ["meanwhile"])
        #expect(refs(gone) == [])
    }

    @Test func whatFailedIsDeliveredAfterARestart() async throws {
        let settings = SinkSettings(backOff: .seconds(100) ... .seconds(100), failuresUntilDown: 100)
        let sink = InMemorySink(settings: settings)
        sink.fail(with: SinkFailure(.unreachable, "away"))
        try await run(sink) { desk, courier in
            await desk.record([call("a")])
            try await wait { sink.attempts == 1 }
            sink.fail(with: nil)
            await desk.record([call("b")])
            try await wait { sink.received.count == 1 }
        }
        #expect(refs(sink) == ["b"])
        try await run(sink) { _, _ in }
        #expect(refs(sink) == ["b", "a"])
    }

    @Test func anOutageMakesNoDeadLetters() async throws {
        let quick = Duration.milliseconds(1) ... .milliseconds(2)
        let settings = SinkSettings(attempts: 5, backOff: quick, failuresUntilDown: 2, pause: quick)
        let sink = InMemorySink(settings: settings)
        sink.fail(with: SinkFailure(.unreachable, "away"))
        try await run(sink) { desk, courier in
            await desk.record((0..<1000).map { call("\($0)") })
            try await wait { sink.attempts > 50 }
            #expect(courier.status.downSince != nil)
            #expect(courier.status.waiting <= SinkQueue.room)
            sink.fail(with: nil)
            try await wait { sink.received.count == 1000 }
            #expect(courier.status.downSince == nil)
        }
        #expect(Set(refs(sink)).count == 1000)
        #expect(try await log.entries(.kind(.deadLetter), after: nil, limit: 1).isEmpty)
    }

    @Test func whatIsTooOldBecomesADeadLetter() async throws {
        let sink = InMemorySink(settings: SinkSettings(ttl: .seconds(60)))
        try await run(sink) { desk, courier in
            await desk.record([call("old", at: Self.noon.adding(.seconds(-61))), call("new")])
            try await wait { sink.received.count == 1 && courier.status.deadLetters == 1 }
        }
        #expect(refs(sink) == ["new"])
        let letters = try await log.entries(.kind(.deadLetter), after: nil, limit: 10).map(\.entry)
        #expect(letters.map(\.ref?.rawValue) == ["old"])
        #expect(SinkRecord(letters[0])?.event == "call")
    }

    @Test func aLogThatNoLongerReachesBackIsSaid() async throws {
        let sink = InMemorySink()
        try await run(sink) { desk, _ in await desk.record([call("a")]) }
        _ = try await log.append([call("b", at: Self.noon), call("c", at: Self.noon.adding(.seconds(10)))])
        _ = try await log.trim(before: Self.noon.adding(.seconds(5)))
        try await run(sink) { _, courier in #expect(courier.status.gaps == 1) }
        #expect(refs(sink) == ["a", "c"])
    }
}
