import Foundation
import Testing

/// One process that lives through fault after fault: it must not grow by any of them.
@Suite(.timeLimit(.minutes(30)))
struct SoakFaultTests {
    private enum Trouble: String, CaseIterable {
        case clientsKilled = "CLIENT KILL"
        case redisKilled = "Redis killed"
        case redisStopped = "Redis stopped for 0.3 s"
        case cut = "connections cut"
        case blackHole = "black hole for 0.5 s, then cut"
        case streamsCut = "streams cut"
    }

    @Test("fault after fault in one process: every call is recorded; no thread, descriptor or memory is left behind")
    func soak() async throws {
        var shape = FaultWorld.Shape()
        shape.isProxied = true
        try await FaultWorld.run(shape) { world in
            let daemon = try await world.start()
            var screens = try await streams(world, daemon)
            var figures: [ProcessFigures] = []
            var pushed: Set<String> = []
            var longest = Duration.zero
            for run in 0..<FaultFigures.soakRuns {
                // All of them once, then as they come.
                let trouble = run < Trouble.allCases.count ? Trouble.allCases[run] : Trouble.allCases.randomElement()
                guard let trouble else { return }
                let refs = (0..<20).map { "s\(run)-\($0)" }
                pushed.formUnion(refs)
                let start = ContinuousClock.now
                try await world.push(calls: Array(refs.prefix(10)), agent: Self.agent(run))
                try await make(trouble, world, screens)
                try await world.push(calls: Array(refs.suffix(10)), agent: Self.agent(run + 1))
                try await eventually("all to be recorded after \(trouble.rawValue)", within: .seconds(30)) {
                    try await world.redis.length() == 0 && world.log.calls() == pushed.count
                }
                longest = max(longest, ContinuousClock.now - start)
                if trouble == .streamsCut { screens = try await streams(world, daemon) }
                // When what was cut has been noticed to be gone.
                figures.append(try await settled(daemon))
            }
            for screen in screens { screen.close() }
            #expect(try Set(world.log.entries(.call).keys) == pushed)
            #expect(try world.log.entries(.call).repeated.isEmpty)
            judge(figures, longest)
        }
    }

    private static let agents = 4
    private static func agent(_ number: Int) -> String { "30\(number % agents)" }

    private func streams(_ world: FaultWorld, _ daemon: DaemonUnderTest) async throws -> [EventStreamClient] {
        var streams: [EventStreamClient] = []
        for number in 0..<Self.agents { streams.append(try await world.stream(daemon, agent: Self.agent(number))) }
        return streams
    }

    private func make(_ trouble: Trouble, _ world: FaultWorld, _ screens: [EventStreamClient]) async throws {
        switch trouble {
        case .clientsKilled:
            try await world.redis.run("CLIENT", "KILL", "TYPE", "normal")
        case .redisKilled:
            await world.redis.kill()
            try await world.redis.restart()
        case .redisStopped:
            world.redis.signal(SIGSTOP)
            try await Task.sleep(for: .milliseconds(300))
            world.redis.signal(SIGCONT)
        case .cut:
            world.proxy?.cut()
        case .blackHole:
            world.proxy?.mode = .swallowsBoth
            try await Task.sleep(for: .milliseconds(500))
            world.proxy?.mode = .passes
            world.proxy?.cut()
        case .streamsCut:
            for screen in screens { screen.close() }
        }
    }

    /// The figures once the number of descriptors has come to rest.
    private func settled(_ daemon: DaemonUnderTest) async throws -> ProcessFigures {
        var figures = try ProcessFigures(pid: daemon.pid)
        for _ in 0..<5 {
            try await Task.sleep(for: .milliseconds(50))
            let next = try ProcessFigures(pid: daemon.pid)
            if next.descriptors == figures.descriptors { return next }
            figures = next
        }
        return figures
    }

    /// The first run of each kind is for warming up; a descriptor that is left behind is one too many from the first.
    private func judge(_ figures: [ProcessFigures], _ longest: Duration) {
        let (first, middle, last) = (figures[0], figures[figures.count / 2], figures[figures.count - 1])
        let warm = figures[min(Trouble.allCases.count, figures.count - 1)]
        // Dispatch's own come and go.
        #expect(last.threads <= warm.threads + 2)
        #expect(last.descriptors <= first.descriptors + 3)
        #expect(last.resident - warm.resident < 16 << 20)
        FaultFigures.tell(
            "soak: \(figures.count) faults, the longest over after \(longest.text); after the first \(first); "
                + "in the middle \(middle); at the end \(last)")
    }
}
