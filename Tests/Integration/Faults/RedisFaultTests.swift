import Foundation
import Testing

/// Redis goes away in one way or another and comes back: the next call pops, and nothing that was pushed is forgotten.
@Suite(.timeLimit(.minutes(2)))
struct RedisFaultTests {
    /// Within this time after the trouble the next call is on the screen.
    static let recovery = Duration.seconds(12)
    /// Until a silent connection is given up: the wait of two seconds, and three.
    static let detection = Duration.seconds(5)

    @Test("killed and started again", arguments: ["at-least-once", "at-most-once"])
    func killed(_ delivery: String) async throws {
        try await Outage.live(through: "Redis killed", delivery) { outage in
            try await outage.push(5)
            await outage.world.redis.kill()
            try await outage.untilFailed()
            try await outage.world.redis.restart()
            outage.isOver()
            try await outage.push(5)
        }
    }

    @Test(
        "away for so long that it is asked for every ten seconds alone", arguments: ["at-least-once", "at-most-once"])
    func away(_ delivery: String) async throws {
        try await Outage.live(through: "Redis away for 12 s", delivery) { outage in
            await outage.world.redis.kill()
            // The back-off doubles from 100 ms: what is waited for now began after some ten seconds.
            try await Task.sleep(for: .seconds(12))
            try await outage.world.redis.restart()
            outage.isOver()
            try await outage.push(5)
        }
    }

    @Test(
        "stopped for ten seconds: said within five, over when it goes on",
        arguments: ["at-least-once", "at-most-once"])
    func stopped(_ delivery: String) async throws {
        try await Outage.live(through: "Redis stopped for 10 s", delivery) { outage in
            let start = ContinuousClock.now
            outage.world.redis.signal(SIGSTOP)
            let told = try await outage.untilFailed()
            #expect(told < Self.detection + .seconds(1), "/readyz told of it after \(told)")
            FaultFigures.tell("Redis stopped, \(delivery): /readyz tells of it after \(told.text)")
            // It is read when the server goes on, beside what the dead connection still waits for.
            async let pushed: Void = outage.push(5, within: .seconds(30))
            try await Task.sleep(until: start + .seconds(10))
            outage.world.redis.signal(SIGCONT)
            outage.isOver()
            try await pushed
        }
    }

    @Test("its clients killed, five times", arguments: ["at-least-once", "at-most-once"])
    func clientsKilled(_ delivery: String) async throws {
        try await Outage.live(through: "CLIENT KILL", delivery, canLose: 5) { outage in
            for _ in 0..<5 {
                try await outage.push(1)
                try await outage.world.redis.run("CLIENT", "KILL", "TYPE", "normal")
                try await outage.push(1)
            }
            outage.isOver()
        }
    }

    @Test(
        "paused for five seconds: what was pushed meanwhile pops, being younger than fresh_for",
        arguments: ["ALL", "WRITE"], ["at-least-once", "at-most-once"])
    func paused(_ mode: String, _ delivery: String) async throws {
        try await Outage.live(through: "CLIENT PAUSE 5000 \(mode)", delivery, freshFor: "15s", canLose: 0) { outage in
            let redis = outage.world.redis
            try await outage.push(1)
            // The push is held up as well, and done when the pause is over.
            try await redis.run("CLIENT", "PAUSE", "5000", mode)
            try await outage.push(3, within: .seconds(20))
            outage.isOver()
            try await outage.pops(4)
        }
    }

    @Test("started with another password, and back", arguments: ["at-least-once", "at-most-once"])
    func password(_ delivery: String) async throws {
        try await Outage.live(through: "another password", delivery, password: "right") { outage in
            let redis = outage.world.redis
            await redis.kill()
            try await redis.restart(password: "changed")
            try await eventually("/readyz to name the password", within: Self.recovery) {
                try await outage.readiness().reason.lowercased().contains("password")
            }
            #expect(try await !outage.readiness().reason.contains("right"))
            try await outage.push(5)
            await redis.kill()
            try await redis.restart(password: "right")
            outage.isOver()
        }
    }

    @Test(
        "a network that swallows bytes one way, the other, or both, or hangs half-open",
        arguments: [FaultProxy.Mode.swallowsUp, .swallowsDown, .swallowsBoth, .stopsReading],
        ["at-least-once", "at-most-once"])
    func blackHole(_ mode: FaultProxy.Mode, _ delivery: String) async throws {
        try await Outage.live(through: "a network that \(mode.rawValue)", delivery, isProxied: true) { outage in
            outage.world.proxy?.mode = mode
            // One that is on the wire now, and others when the connection is as good as dead.
            try await outage.push(1)
            let told = try await outage.untilFailed()
            #expect(told < .seconds(8), "/readyz told of it after \(told)")
            try await outage.push(4)
            outage.world.proxy?.mode = .passes
            outage.isOver()
        }
    }
}
