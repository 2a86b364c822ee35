import Foundation
import Testing

/// The event log cannot be written, or is damaged: nothing is popped that is not recorded, nothing is fetched that cannot
/// be, and it goes on where it stopped.
@Suite(.timeLimit(.minutes(3)))
struct LogFaultTests {
    private static let sidesOfDelivery = ["at-least-once", "at-most-once"]

    @Test(
        "a log that cannot grow: said, nothing fetched, nothing popped; with room again all is recorded, the old missed",
        arguments: sidesOfDelivery)
    func full(_ delivery: String) async throws {
        var shape = FaultWorld.Shape()
        (shape.delivery, shape.freshFor) = (delivery, "4s")
        try await FaultWorld.run(shape) { world in
            let daemon = try await world.start()
            let screen = try await world.stream(daemon)
            try await world.push(calls: ["before"])
            try await screen.event("pop", ref: "before", within: .seconds(10))
            // The journal is longer than that already. The limit is soft, so that it can be raised again.
            try await limitFiles(of: daemon, to: "4096:")
            try await live(world, daemon, screen) { try await limitFiles(of: daemon, to: "unlimited:") }
        }
    }

    private func limitFiles(of daemon: DaemonUnderTest, to size: String) async throws {
        let outcome = try await Child("/usr/bin/prlimit", ["--pid", "\(daemon.pid)", "--fsize=\(size)"]).ended()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(
        "a disk that is really full", .enabled(if: TemporaryMount.isPossible, "file systems cannot be mounted here"),
        arguments: sidesOfDelivery)
    func disk(_ delivery: String) async throws {
        var shape = FaultWorld.Shape()
        (shape.delivery, shape.freshFor) = (delivery, "4s")
        try await FaultWorld.run(shape) { world in
            let disk = try TemporaryMount(at: "\(world.folder)/data", size: "2m")
            defer { disk.unmount() }
            let daemon = try await world.start()
            let screen = try await world.stream(daemon)
            try await world.push(calls: ["before"])
            try await screen.event("pop", ref: "before", within: .seconds(10))
            try disk.fill()
            try await live(world, daemon, screen) { try disk.makeRoom() }
            // The file system goes with its user.
            await world.stop(daemon, SIGKILL)
        }
    }

    /// From a log that cannot be written to one that can.
    private func live(
        _ world: FaultWorld, _ daemon: DaemonUnderTest, _ screen: EventStreamClient,
        until makeRoom: () async throws -> Void
    ) async throws {
        // Journals have some room left: calls are pushed until one does not get in.
        var recorded = ["before"]
        try await eventually("/readyz to name the event log", within: .seconds(10)) {
            let ref = "filler-\(recorded.count)"
            try await world.push(calls: [ref])
            recorded.append(ref)
            try await Task.sleep(for: .milliseconds(30))
            let found = try await world.readiness(daemon)
            return found.state == "degraded" && found.reason.contains("event log")
        }
        // The last of them is in hand, and perhaps others before it.
        let popped = screen.events.filter { $0.name == "pop" }.count
        let stored = try world.log.entries(.call).count
        let waiting = (0..<300).map { "waiting-\($0)" }
        try await world.push(calls: waiting)
        // Until they are older than `fresh_for`.
        try await Task.sleep(for: .milliseconds(4500))
        #expect(try await world.redis.length() >= waiting.count, "fetched what could not be recorded")
        #expect(screen.events.filter { $0.name == "pop" }.count == popped, "popped what was not recorded")
        #expect(try world.log.entries(.call).count == stored)
        #expect(try await world.readiness(daemon).state == "degraded")
        let start = ContinuousClock.now
        try await makeRoom()
        let all = Set(recorded + waiting)
        try await eventually("all to be recorded", within: .seconds(12)) {
            try Set(world.log.entries(.call).keys) == all
        }
        let took = ContinuousClock.now - start
        try await eventually("the list to be empty", within: .seconds(10)) { try await world.redis.length() == 0 }
        try await world.push(calls: ["after"])
        try await screen.event("pop", ref: "after", within: .seconds(10))
        try judge(screen, waiting: waiting, poppedBefore: popped)
        #expect(try world.log.entries(.call).repeated.isEmpty)
        #expect(try await world.readiness(daemon).state == "ready")
        FaultFigures.tell("a full log, \(world.shape.delivery): all recorded \(took.text) after there was room")
    }

    private func judge(_ screen: EventStreamClient, waiting: [String], poppedBefore: Int) throws {
        let pops = screen.events.filter { $0.name == "pop" }.compactMap { $0["call.ref"] }
        #expect(pops.count == poppedBefore + 1, "a dead call was popped: \(pops.dropFirst(poppedBefore))")
        let missed = screen.events.filter { $0.name == "missed" && $0["reason"] == "stale" }
        #expect(Set(missed.compactMap { $0["call.ref"] }).isSuperset(of: waiting))
    }

    @Test("a damaged log is set aside, not deleted; a fresh one is begun, and streams are told")
    func damaged() async throws {
        try await FaultWorld.run { world in
            var daemon = try await world.start()
            let first = try await world.stream(daemon)
            for start in stride(from: 0, to: 500, by: 50) {
                try await world.push(calls: (start..<start + 50).map { "old-\($0)" })
            }
            try await eventually("all to be recorded", within: .seconds(10)) { try world.log.calls() == 500 }
            let seen = first.events.map(\.id).max()
            let before = try logFiles(world).reduce(0) { $0 + $1.size }
            await world.stop(daemon)
            try world.log.damage()
            daemon = try await world.start()
            try await daemon.says("the event log is damaged")
            let screen = try await world.stream(daemon, after: seen)
            #expect(screen.events.first?["recovered"] == "0")
            let aside = try logFiles(world).filter { $0.name.contains("corrupt") }
            #expect(aside.reduce(0) { $0 + $1.size } >= before / 2, "something is gone: \(aside)")
            #expect(aside.contains { daemon.log.contains($0.name) }, "the log does not say where it is")
            try await world.push(calls: ["after"])
            try await screen.event("call", ref: "after", within: .seconds(10))
            try await screen.event("pop", ref: "after", within: .seconds(10))
        }
    }

    private func logFiles(_ world: FaultWorld) throws -> [(name: String, size: Int)] {
        let folder = "\(world.folder)/data"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".sqlite") }
        return try names.map { name in
            let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int
            return (name, size ?? 0)
        }
    }

    @Test(
        "100,000 calls while the log is locked and nobody reads: they stay in Redis, not in memory; then all are recorded",
        arguments: sidesOfDelivery)
    func flood(_ delivery: String) async throws {
        var shape = FaultWorld.Shape()
        shape.delivery = delivery
        try await FaultWorld.run(shape) { world in
            let daemon = try await world.start()
            let agents = (0..<5).map { "20\($0)" }
            var deaf: [DeafClient] = []
            for agent in agents {
                let token = try await world.token(daemon, agent: agent)
                let path = "/v1/acme/agents/\(agent)/events"
                deaf.append(try DeafClient(port: daemon.port, path: path, token: token))
            }
            try await world.push(calls: ["before"])
            try await eventually("it to be recorded", within: .seconds(10)) { try world.log.calls() == 1 }
            let before = try ProcessFigures(pid: daemon.pid)
            let lock = try world.log.lock()
            try await pushFlood(world, agents)
            try await eventually("/readyz to name the event log", within: .seconds(20)) {
                try await world.readiness(daemon).reason.contains("event log")
            }
            let during = try ProcessFigures(pid: daemon.pid)
            #expect(try await world.redis.length() >= Self.flood - 512, "fetched what could not be recorded")
            #expect(during.resident - before.resident < 64 << 20, "\(before) before, \(during) during the flood")
            try lock.release()
            let start = ContinuousClock.now
            try await eventually("all to be recorded", within: .seconds(120)) {
                try await world.redis.length() == 0 && world.log.calls() == Self.flood + 1
            }
            let took = ContinuousClock.now - start
            let after = try ProcessFigures(pid: daemon.pid)
            FaultFigures.tell(
                "flood, \(delivery): \(before); with \(Self.flood) calls waiting \(during); "
                    + "all recorded \(took.text) after the lock, \(after)")
            #expect(try world.log.entries(.call).count == Self.flood + 1)
            withExtendedLifetime(deaf) {}
        }
    }

    private static let flood = 100_000

    private func pushFlood(_ world: FaultWorld, _ agents: [String]) async throws {
        for start in stride(from: 0, to: Self.flood, by: 1000) {
            let calls = (start..<start + 1000).map { index in
                let call = Acme.call("flood-\(index)", agent: agents[index % agents.count])
                // As long as the PBX's longest.
                return call + String(repeating: " ", count: max(0, 300 - call.utf8.count))
            }
            try await world.push(calls)
        }
    }
}
