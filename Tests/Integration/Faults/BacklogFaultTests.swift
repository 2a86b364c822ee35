import Foundation
import Testing

/// What waits in the list when the daemon starts, and the order in which it is worked off.
@Suite(.timeLimit(.minutes(2)))
struct BacklogFaultTests {
    @Test(
        "500 calls from before the start take no screen and are listed as missed; then calls pop in their order",
        arguments: ["at-least-once", "at-most-once"], ["left", "right"])
    func backlog(_ delivery: String, _ side: String) async throws {
        var shape = FaultWorld.Shape()
        (shape.delivery, shape.popSide) = (delivery, side)
        try await FaultWorld.run(shape) { world in
            // Of two agents: all at once are about what a stream buffers for a page that is slow to read.
            let agents = ["1007", "1008"]
            let old = (0..<500).map { (ref: "old-\($0)", agent: agents[$0 % 2]) }
            for start in stride(from: 0, to: old.count, by: 50) {
                try await world.push(old[start..<start + 50].map { Acme.call($0.ref, agent: $0.agent) })
            }
            let start = ContinuousClock.now
            let daemon = try await world.start()
            try await eventually("the backlog to be recorded", within: .seconds(10)) {
                try world.log.entries(.missed).count == old.count
            }
            let took = ContinuousClock.now - start
            for agent in agents {
                let expected = old.filter { $0.agent == agent }.map(\.ref)
                let screen = try await world.stream(daemon, agent: agent)
                try await eventually("the missed calls", within: .seconds(10)) {
                    screen.names.filter { $0 == "missed" }.count == expected.count
                }
                let fresh = (0..<50).map { "new-\(agent)-\($0)" }
                for ref in fresh.prefix(25) { try await world.push(calls: [ref], agent: agent) }
                try await world.push(calls: Array(fresh.dropFirst(25)), agent: agent)
                try await eventually("all to pop", within: .seconds(10)) {
                    screen.names.filter { $0 == "pop" }.count == fresh.count
                }
                let missed = screen.events.filter { $0.name == "missed" }
                #expect(missed.compactMap { $0["call.ref"] } == expected)
                #expect(missed.allSatisfy { $0["reason"] == "stale" && $0["stale"] == "1" })
                #expect(refs("pop", screen) == fresh)
                #expect(refs("call", screen) == fresh)
            }
            #expect(try world.log.entries(.pop).count == 100, "no screen was taken by one of the backlog")
            FaultFigures.tell("backlog, \(delivery), \(side): 500 calls taken \(took.text) after the start")
        }
    }

    private func refs(_ name: String, _ screen: EventStreamClient) -> [String] {
        screen.events.filter { $0.name == name }.compactMap { $0["call.ref"] }
    }

    @Test("a call that comes twice, also after a restart, is recorded once and popped once", arguments: [true, false])
    func twice(isKilled: Bool) async throws {
        try await FaultWorld.run { world in
            var daemon = try await world.start()
            var screen = try await world.stream(daemon)
            try await world.push(calls: ["once", "once"])
            try await world.push(calls: ["once", "mark-1"])
            try await screen.event("pop", ref: "mark-1", within: .seconds(10))
            #expect(refs("pop", screen) == ["once", "mark-1"])
            let seen = screen.events.map(\.id).max()
            try await eventually("the list to be empty", within: .seconds(10)) { try await world.redis.length() == 0 }
            await world.stop(daemon, isKilled ? SIGKILL : SIGTERM)
            try await world.push(calls: ["once"])
            daemon = try await world.start()
            screen = try await world.stream(daemon, after: seen)
            try await world.push(calls: ["once", "mark-2"])
            try await screen.event("pop", ref: "mark-2", within: .seconds(10))
            // Nobody acknowledged it: it is offered anew, as it was, by the restart alone.
            #expect(refs("pop", screen).filter { $0 == "once" }.count <= 1)
            #expect(!refs("call", screen).contains("once"))
            #expect(try world.log.entries(.call) == ["once": 1, "mark-1": 1, "mark-2": 1])
        }
    }

    @Test("two daemons on one list lose nothing, and it is said", .timeLimit(.minutes(1)))
    func twoReaders() async throws {
        try await FaultWorld.run { world in
            let first = try await world.start()
            let second = try await world.startAnother()
            let refs = (0..<2000).map { "two-\($0)" }
            for start in stride(from: 0, to: refs.count, by: 20) {
                try await world.push(calls: Array(refs[start..<start + 20]))
            }
            try await eventually("the list to be empty", within: .seconds(10)) { try await world.redis.length() == 0 }
            let logs = [first, second].map { LogFileUnderTest(folder: $0.folder) }
            try? await eventually("all to be recorded", within: .seconds(5)) {
                try logs.reduce(into: Set()) { $0.formUnion(try $1.entries(.call).keys) }.count == refs.count
            }
            let counts = try logs.map { try $0.entries(.call) }
            let recorded = Set(counts.flatMap(\.keys))
            #expect(recorded == Set(refs), "lost: \(Set(refs).subtracting(recorded).sorted())")
            for count in counts { #expect(count.repeated.isEmpty) }
            #expect([first, second].contains { $0.log.contains("another reader") })
            FaultFigures.tell(
                "two readers: \(refs.count) pushed, \(counts[0].count) and \(counts[1].count) recorded, none lost")
        }
    }
}
