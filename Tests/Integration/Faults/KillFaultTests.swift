import Foundation
import Testing

/// The daemon is killed at any moment, again and again, while the PBX goes on pushing.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct KillFaultTests {
    @Test("killed at any moment, at-least-once loses no call, records none twice, and pops none that was acknowledged")
    func atLeastOnce() async throws {
        try await FaultWorld.run { world in
            let screens = (0..<10).map { ReturningScreen(agent: "10\(10 + $0)") }
            var pushed: [String] = []
            for round in 0..<FaultFigures.killRounds {
                let screen = screens[round % screens.count]
                let refs = (0..<Int.random(in: 10...30)).map { "k\(round)-\($0)" }
                pushed += refs
                if round % 4 == 3 {
                    try await killAtStart(world) { try await push(refs, to: screen, world) }
                } else {
                    try await kill(world, screen) { try await push(refs, to: screen, world) }
                }
            }
            let daemon = try await world.start()
            try await eventually("the list to be empty", within: .seconds(10)) { try await world.redis.length() == 0 }
            for screen in screens.prefix(FaultFigures.killRounds) { try await screen.connect(to: daemon, in: world) }
            let told = try await world.told(by: daemon)
            #expect(Set(told) == Set(pushed), "lost: \(Set(pushed).subtracting(told).sorted())")
            #expect(try world.log.entries(.call).repeated.isEmpty, "recorded twice")
            await judge(screens, pushed: pushed, told: told.count)
        }
    }

    /// Pushes one by one, as calls come.
    private func push(_ refs: [String], to screen: ReturningScreen, _ world: FaultWorld) async throws {
        await screen.expect(refs)
        for (index, ref) in refs.enumerated() {
            try await world.push([Acme.call(ref, agent: screen.agent, preV3: index.isMultiple(of: 2))])
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...6)))
        }
    }

    private func kill(
        _ world: FaultWorld, _ screen: ReturningScreen, while pushing: @Sendable @escaping () async throws -> Void
    ) async throws {
        let daemon = try await world.start()
        try await screen.connect(to: daemon, in: world)
        let push = Task { try await pushing() }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...150)))
        await world.stop(daemon, SIGKILL)
        try await push.value
        await screen.disconnect()
    }

    private func killAtStart(
        _ world: FaultWorld, while pushing: @Sendable @escaping () async throws -> Void
    ) async throws {
        let child = try world.launch()
        let push = Task { try await pushing() }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...250)))
        await world.stop(child, SIGKILL)
        try await push.value
    }

    private func judge(_ screens: [ReturningScreen], pushed: [String], told: Int) async {
        var (pops, again, acknowledged) = (0, 0, 0)
        for screen in screens {
            try? await eventually("all on the stream", within: .seconds(5)) { await screen.missing().isEmpty }
            #expect(await screen.missing().isEmpty, "never on the stream of \(screen.agent)")
            await screen.disconnect()
            let count = await screen.count
            #expect(count.wrongs.isEmpty)
            #expect(count.calls.repeated.isEmpty, "sent twice to agent \(screen.agent)")
            pops += count.pops.count
            again += count.pops.values.reduce(0, +) - count.pops.count
            acknowledged += count.acknowledged.count
        }
        // Otherwise nothing of the above says anything.
        #expect(pops > 0 && acknowledged > 0)
        FaultFigures.tell(
            "kill, at-least-once: \(FaultFigures.killRounds) kills, \(pushed.count) pushed, \(told) recorded, "
                + "\(pops) popped, \(again) offered anew unacknowledged, \(acknowledged) acknowledged")
    }

    @Test("killed at any moment, at-most-once loses at most the batch that was on its way, and records none twice")
    func atMostOnce() async throws {
        var (lost, pushed, rounds) = ([Int](), 0, FaultFigures.killRounds)
        // A log that grows for ever would have each start take longer than the one before.
        while rounds > 0 {
            let some = try await lostByKills(min(rounds, Self.roundsPerWorld))
            lost += some
            pushed += some.count * Self.burst
            rounds -= some.count
        }
        #expect(lost.allSatisfy { $0 <= 256 }, "more than one batch: \(lost)")
        FaultFigures.tell(
            "kill, at-most-once: \(lost.count) kills, \(pushed) pushed, \(lost.reduce(0, +)) lost, "
                + "at most \(lost.max() ?? 0) by one kill")
    }

    private static let roundsPerWorld = 20
    private static let burst = 500

    /// How many calls each of so many kills lost.
    private func lostByKills(_ rounds: Int) async throws -> [Int] {
        var shape = FaultWorld.Shape()
        shape.delivery = "at-most-once"
        var lost = [0]
        try await FaultWorld.run(shape) { world in
            var pushed: Set<String> = []
            for round in 0..<rounds {
                let refs = (0..<Self.burst).map { "m\(round)-\($0)" }
                pushed.formUnion(refs)
                if round % 4 == 3 {
                    try await killAtStart(world) { try await burst(refs, world) }
                } else {
                    let daemon = try await world.start()
                    let push = Task { try await burst(refs, world) }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...150)))
                    await world.stop(daemon, SIGKILL)
                    try await push.value
                }
                let found = try await world.waiting().union(world.log.entries(.call).keys).union(world.inHand())
                lost.append(pushed.subtracting(found).count)
            }
            _ = try await world.start()
            // All that was not lost by the kills comes into the log in the end, once.
            let rest = pushed.count - (lost.last ?? 0)
            try await eventually("the rest to be recorded", within: .seconds(10)) { try world.log.calls() >= rest }
            #expect(try world.log.entries(.call).count == rest)
            #expect(try world.log.entries(.call).repeated.isEmpty, "recorded twice")
        }
        return zip(lost, lost.dropFirst()).map { $1 - $0 }
    }

    /// Pushes in small heaps, as fast as they are taken.
    private func burst(_ refs: [String], _ world: FaultWorld) async throws {
        for start in stride(from: 0, to: refs.count, by: 20) {
            try await world.push(calls: Array(refs[start..<min(start + 20, refs.count)]))
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test("SIGTERM in the midst of a burst loses nothing", arguments: ["at-least-once", "at-most-once"])
    func graceful(_ delivery: String) async throws {
        var shape = FaultWorld.Shape()
        shape.delivery = delivery
        try await FaultWorld.run(shape) { world in
            var pushed: Set<String> = []
            let rounds = max(3, FaultFigures.killRounds / 4)
            for round in 0..<rounds {
                let refs = (0..<600).map { "g\(round)-\($0)" }
                pushed.formUnion(refs)
                let daemon = try await world.start()
                let push = Task { try await burst(refs, world) }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...150)))
                let outcome = await world.stop(daemon)
                #expect(outcome.status == 0)
                try await push.value
            }
            let recorded = try world.log.entries(.call)
            let waiting = try await world.waiting()
            #expect(recorded.repeated.isEmpty, "recorded twice")
            let lost = pushed.subtracting(waiting).subtracting(recorded.keys)
            #expect(lost.isEmpty, "lost by a graceful stop: \(lost.sorted())")
            FaultFigures.tell(
                "SIGTERM, \(delivery): \(rounds) stops, \(pushed.count) pushed, \(recorded.count) recorded, "
                    + "\(waiting.count) left in the list, \(lost.count) lost")
        }
    }
}
