import CTICore
import CTIPipeline
import CTISinks
import Foundation
import Logging
import Testing

/// What every sink promises, whatever it talks to: asked of each kind with a real receiver.
@Suite(.serialized)
struct SinkContractTests {
    /// A courier at work for as long as `body` is; what is not delivered by then, the next one has.
    private func run(
        _ world: any SinkWorld, _ desk: InMemorySinkDesk, ttl: Duration = .seconds(60), flush: Duration = .seconds(5),
        _ body: (SinkCourier) async throws -> Void
    ) async throws {
        let sink = try world.makeSink(ttl: ttl)
        let courier = SinkCourier(
            sink, log: desk.log, desk: desk, logger: Logger(label: "test"), now: Self.now)
        try await courier.prepare()
        try await withThrowingTaskGroup { group in
            group.addTask { await courier.run() }
            try await body(courier)
            await courier.finish(within: flush)
            try await group.waitForAll()
        }
    }

    @Sendable private static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    private func with(_ kind: SinkKind, _ body: (any SinkWorld, InMemorySinkDesk) async throws -> Void) async throws {
        let world = try await kind.world()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(world, InMemorySinkDesk())) } catch { outcome = .failure(error) }
        await world.end()
        try outcome.get()
    }

    private func record(_ refs: [String], _ world: any SinkWorld, _ desk: InMemorySinkDesk) async {
        await desk.record(refs.map { world.entry($0, at: Self.now()) })
    }

    private func arrive(_ count: Int, _ world: any SinkWorld, within time: Duration = .seconds(60)) async throws {
        try await eventually("\(count) to arrive", within: time) { try await world.received().count >= count }
    }

    @Test(arguments: SinkKind.allCases) func allOfItArrivesOnce(kind: SinkKind) async throws {
        try await with(kind) { world, desk in
            try await run(world, desk) { _ in
                // Several events of a call keep their order; different calls need not.
                for round in 0..<10 {
                    await record((0..<20).map { "\($0)" }, world, desk)
                    _ = round
                }
                try await arrive(200, world)
            }
            let received = try await world.received()
            #expect(received.count == 200)
            #expect(Dictionary(grouping: received, by: \.self).allSatisfy { $0.value.count == 10 })
        }
    }

    @Test(arguments: SinkKind.allCases) func promptlyTellsLaterWhatHappensWhileItIsAway(kind: SinkKind) async throws {
        try await with(kind) { world, desk in
            try await run(world, desk) { courier in
                await record(["before"], world, desk)
                // What has arrived, and of which that is not known when it goes, comes again.
                try await eventually("it to be noted") { courier.status.delivered == 1 }
                await world.close()
                await record((0..<300).map { "\($0)" }, world, desk)
                try await eventually("the outage to be noticed") { courier.status.downSince != nil }
                try await world.open()
                try await arrive(301, world, within: .seconds(40))
                try await eventually("all to be noted") { courier.status.delivered == 301 }
            }
            let received = try await world.received()
            #expect(received.count == 301)
            #expect(Set(received) == Set(["before"] + (0..<300).map { "\($0)" }))
            #expect(try await desk.log.entries(.kind(.deadLetter), after: nil, limit: 1).isEmpty)
        }
    }

    @Test(arguments: SinkKind.allCases) func aRestartGoesOnWhereItWas(kind: SinkKind) async throws {
        try await with(kind) { world, desk in
            try await run(world, desk) { _ in
                await record(["1", "2"], world, desk)
                try await arrive(2, world)
            }
            await record(["3", "4"], world, desk)
            try await run(world, desk) { _ in try await arrive(4, world) }
            try await run(world, desk) { _ in }
            #expect(try await world.received().sorted() == ["1", "2", "3", "4"])
        }
    }

    @Test(arguments: SinkKind.allCases) func promptlyWhatIsTooOldIsADeadLetter(kind: SinkKind) async throws {
        try await with(kind) { world, desk in
            try await run(world, desk) { _ in
                await record(["first"], world, desk)
                try await arrive(1, world)
            }
            await world.close()
            try await run(world, desk, ttl: .seconds(1), flush: .seconds(1)) { courier in
                await record(["old"], world, desk)
                try await eventually("it to be given up", within: .seconds(20)) { courier.status.deadLetters == 1 }
            }
            try await world.open()
            try await run(world, desk) { _ in
                await record(["new"], world, desk)
                try await arrive(2, world)
            }
            #expect(try await world.received() == ["first", "new"])
            let letter = try #require(try await desk.log.entries(.kind(.deadLetter), after: nil, limit: 2).first)
            #expect(letter.entry.ref == CallRef("old"))
            #expect(SinkRecord(letter.entry) != nil)
        }
    }

    @Test(arguments: SinkKind.allCases) func promptlyStopsBesideOneThatSaysNothing(kind: SinkKind) async throws {
        try await with(kind) { world, desk in
            try await run(world, desk) { _ in
                await record(["first"], world, desk)
                try await arrive(1, world)
            }
            let began = ContinuousClock.now
            try await run(world, desk, flush: .seconds(2)) { courier in
                await world.freeze()
                await record(["second"], world, desk)
                // Its own time to answer is longer than ours to stop.
                try await eventually("it to be read") { courier.status.waiting == 1 || courier.status.delivered == 1 }
            }
            #expect(ContinuousClock.now - began < .seconds(9))
            await world.thaw()
            try await run(world, desk) { _ in try await arrive(2, world) }
            // A frozen receiver may have read it and not said so: then it is there a second time, never lost.
            #expect(Set(try await world.received()) == ["first", "second"])
        }
    }
}
