import Foundation
import Synchronization
import Testing

/// A trouble with Redis from its begin to its end, with an agent who watches, and what must hold afterwards.
///
///     pops ─▶ trouble, calls are pushed meanwhile ─▶ over ─▶ the next call pops ─▶ all are recorded, once
final class Outage: Sendable {
    let world: FaultWorld
    private let daemon: DaemonUnderTest
    private let screen: EventStreamClient
    private let state = Mutex((pushed: [String](), over: ContinuousClock.Instant?.none))

    /// - Parameter canLose: at most once only: what a dead connection may have swallowed.
    static func live(
        through name: String, _ delivery: String, freshFor: String = "60s", password: String? = nil,
        isProxied: Bool = false, canLose: Int = 1, _ trouble: (Outage) async throws -> Void
    ) async throws {
        var shape = FaultWorld.Shape()
        shape.delivery = delivery
        shape.freshFor = freshFor
        shape.password = password
        shape.isProxied = isProxied
        try await FaultWorld.run(shape) { world in
            let outage = try await Outage(world)
            try await world.push(calls: ["before"])
            try await outage.screen.event("pop", ref: "before")
            try await trouble(outage)
            try await outage.conclude(name, canLose: delivery == "at-most-once" ? canLose : 0)
        }
    }

    private init(_ world: FaultWorld) async throws {
        self.world = world
        daemon = try await world.start()
        screen = try await world.stream(daemon)
    }

    /// Pushes so many calls, one after the other.
    func push(_ count: Int, within time: Duration = .seconds(10)) async throws {
        for _ in 0..<count { try await world.push(calls: [name()], within: time) }
    }

    private func name() -> String {
        state.withLock { state in
            state.pushed.append("during-\(state.pushed.count)")
            return state.pushed[state.pushed.count - 1]
        }
    }

    func readiness() async throws -> (state: String, reason: String) { try await world.readiness(daemon) }

    /// Waits until `/readyz` calls the tenant failed; how long that took.
    @discardableResult
    func untilFailed() async throws -> Duration {
        let start = ContinuousClock.now
        try await eventually("/readyz to tell of it") { try await readiness().state == "failed" }
        return ContinuousClock.now - start
    }

    func isOver() { state.withLock { $0.over = .now } }

    /// So many of the calls so far pop.
    func pops(_ count: Int) async throws {
        for ref in state.withLock({ $0.pushed.prefix(count) }) { try await screen.event("pop", ref: ref) }
    }

    private func conclude(_ name: String, canLose: Int) async throws {
        let (pushed, over) = state.withLock { ($0.pushed, $0.over ?? .now) }
        try await world.push(calls: ["after"])
        try await screen.event("pop", ref: "after", within: RedisFaultTests.recovery - (.now - over))
        let took = ContinuousClock.now - over
        try await eventually("the list to be empty") { try await world.redis.length() == 0 }
        // What a batch took last may still be on its way into the log.
        try? await eventually("all to be recorded", within: .seconds(5)) {
            try world.log.entries(.call).count == pushed.count + 2
        }
        let recorded = try world.log.entries(.call)
        let lost = Set(pushed).subtracting(recorded.keys)
        #expect(lost.count <= canLose, "lost: \(lost.sorted())")
        #expect(recorded.repeated.isEmpty, "recorded twice")
        let pops = screen.events.filter { $0.name == "pop" }.compactMap { $0["call.ref"] }
        #expect(pops.count == Set(pops).count, "popped twice: \(pops)")
        FaultFigures.tell(
            "\(name), \(world.shape.delivery): popped \(took.text) after its end, \(pushed.count) pushed meanwhile, "
                + "\(lost.count) lost")
    }
}
