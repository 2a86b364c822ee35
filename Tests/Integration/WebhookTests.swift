import Foundation
import Synchronization
import TestReceivers
import Testing

/// Webhooks against receivers that are slow, broken, away, and against a daemon that dies. Bounds are wide enough for a
/// busy machine; what was measured is printed.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WebhookTests {
    @Test("every event arrives, signed, and a call's in their order; nothing is sent twice")
    func arrives() async throws {
        let world = try WebhookWorld()
        try await Self.run(world.sinks(more: "concurrency: 8")) { redis, daemon in
            let begun = ContinuousClock.now
            for number in 0..<100 {
                try await redis.push(Acme.call("c\(number)", agent: "1\(number)"))
                try await redis.push(Acme.record("c\(number)", agent: "1\(number)"), to: Acme.records)
            }
            try await eventually("200 messages", within: .seconds(30)) { world.receiver.requests.count >= 200 }
            Self.tell("200 events", begun, world)
            #expect(world.received() == 200 && world.receiver.requests.count == 200)
            // Of the two lists, either may be read first; what was recorded first comes first.
            for number in 0..<100 { #expect(Set(world.events(of: "c\(number)")) == ["call.up", "call.hangup"]) }
            #expect(world.receiver.connections <= 8, "connections are kept")
            world.check()
            try await daemon.shows(#"ctid_sink_delivered_total{tenant="acme",sink="webhook crm"} 200"#)
        }
    }

    @Test("a slow receiver delays neither pops nor the order")
    func promptlySlow() async throws {
        let world = try WebhookWorld { _ in .late(.milliseconds(300), .status(200, body: "ok")) }
        try await Acme.run(more: world.sinks()) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for number in 0..<12 { try await redis.push(Acme.call("c\(number)", agent: "10\(number)")) }
            let begun = ContinuousClock.now
            try await redis.push(Acme.call("pop"))
            try await stream.event("pop", ref: "pop", within: .seconds(2))
            try await eventually("13 messages") { world.received() == 13 }
            Self.tell("13 events to a receiver that takes 300 ms", begun, world)
            #expect(world.receiver.requests.count == 13)
            world.check()
        }
    }

    @Test("an error is tried again, under the same id, until it is taken")
    func promptlyErrors() async throws {
        let tries = Mutex<[String: Int]>([:])
        let world = try WebhookWorld { delivery in
            let number = tries.withLock { tries in
                tries[delivery.id, default: 0] += 1
                return tries[delivery.id] ?? 0
            }
            return number < 3 ? .status(500) : .status(200)
        }
        try await Acme.run(more: world.sinks()) { redis, _ in
            let begun = ContinuousClock.now
            try await redis.push(Acme.call("c1"))
            try await eventually("the third try", within: .seconds(20)) { world.receiver.requests.count >= 3 }
            Self.tell("500, 500, 200", begun, world)
            #expect(world.received() == 1)
            // Between half a back-off and the whole: of 1 s, then of 2 s.
            let times = world.receiver.requests.map(\.at)
            #expect((times[0].duration(to: times[1])) >= .milliseconds(450))
            #expect((times[1].duration(to: times[2])) >= .milliseconds(950))
            world.check()
        }
    }

    @Test("who asks to be left alone for a while is")
    func promptlyThrottled() async throws {
        let isFirst = Mutex(true)
        let world = try WebhookWorld { _ in
            isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst ? .status(429, headers: ["Retry-After": "2"]) : .status(204)
            }
        }
        try await Acme.run(more: world.sinks(more: "concurrency: 1")) { redis, _ in
            let begun = ContinuousClock.now
            for ref in ["c1", "c2"] { try await redis.push(Acme.call(ref)) }
            try await eventually("both", within: .seconds(20)) { world.receiver.requests.count >= 3 }
            Self.tell("429 with Retry-After: 2", begun, world)
            let times = world.receiver.requests.map(\.at)
            #expect(times[0].duration(to: times[1]) >= .milliseconds(1950), "the other call waits, too")
            #expect(world.received() == 2)
            world.check()
        }
    }

    @Test("one endpoint that hangs delays no other, and no pop")
    func promptlyHanging() async throws {
        let (hanging, well) = (try WebhookWorld { _ in .hang }, try WebhookWorld())
        let sinks = "sinks: { webhooks: [ \(hanging.webhook("deaf")), \(well.webhook("well")) ] }"
        try await Acme.run(more: sinks) { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            let begun = ContinuousClock.now
            for number in 0..<30 { try await redis.push(Acme.call("c\(number)", agent: "10\(number)")) }
            try await redis.push(Acme.call("pop"))
            try await stream.event("pop", ref: "pop", within: .seconds(2))
            try await eventually("the other's messages", within: .seconds(5)) { well.received() == 31 }
            Self.tell("31 events beside one that hangs", begun, well)
            #expect(hanging.receiver.requests.count <= 4, "so many are under way at once")
            well.check()
            hanging.check()
        }
    }

    @Test("what hangs, or breaks off before its headers are complete, is sent again; behind them it is a yes")
    func promptlyBroken() async throws {
        let seen = Mutex<Set<String>>([])
        let world = try WebhookWorld { delivery in
            guard seen.withLock({ $0.insert(delivery.id).inserted }) else { return .status(204) }
            switch delivery.ref {
            case "hang": return .hang
            case "close": return .close
            case "half-head": return .halfHead
            case "half-body": return .halfBody
            default: return .endless
            }
        }
        try await Acme.run(more: world.sinks(more: "timeout: 1s, concurrency: 8")) { redis, daemon in
            let begun = ContinuousClock.now
            let refs = ["hang", "close", "half-head", "half-body", "endless"]
            for (number, ref) in refs.enumerated() { try await redis.push(Acme.call(ref, agent: "20\(number)")) }
            try await eventually("8 tries", within: .seconds(20)) { world.receiver.requests.count >= 8 }
            Self.tell("5 events, 3 of them broken off", begun, world)
            try await daemon.shows(#"ctid_sink_delivered_total{tenant="acme",sink="webhook crm"} 5"#)
            let tries = refs.map { ref in world.deliveries.count { $0.ref == ref } }
            #expect(tries == [2, 2, 2, 1, 1])
            #expect(world.received() == 5)
            world.check()
        }
    }

    @Test("a redirect is followed on the same host, and nowhere else")
    func redirects() async throws {
        let elsewhere = try WebhookWorld()
        let world = try WebhookWorld { delivery in
            switch delivery.request.path {
            case "/moved": return .status(308, headers: ["Location": "/hook"])
            case "/stolen": return .status(307, headers: ["Location": elsewhere.receiver.url + "/hook"])
            default: return .status(204)
            }
        }
        let webhooks = [world.webhook("moved", path: "/moved"), world.webhook("stolen", path: "/stolen")]
        try await Acme.run(more: "sinks: { webhooks: [ \(webhooks.joined(separator: ", ")) ] }") { redis, daemon in
            try await redis.push(Acme.call("c1"))
            try await eventually("the message") { world.deliveries.contains { $0.request.path == "/hook" } }
            try await eventually("the refusal") {
                let metrics = try await daemon.get("/metrics").body
                return metrics.split(separator: "\n").contains {
                    $0.hasPrefix("ctid_sink_failures_total{tenant=\"acme\",sink=\"webhook stolen\",code=\"refused\"}")
                        && !$0.hasSuffix(" 0")
                }
            }
            #expect(elsewhere.receiver.connections == 0)
            world.check()
        }
    }

    @Test("a message that is refused again and again holds back no other call")
    func promptlyPoison() async throws {
        let world = try WebhookWorld { $0.ref == "poison" ? .status(400) : .status(204) }
        try await Acme.run(more: world.sinks()) { redis, daemon in
            try await redis.push(Acme.call("poison", agent: "1001"))
            // Long enough in a row to look like a receiver that is down.
            try await eventually("five refusals", within: .seconds(40)) { world.receiver.requests.count >= 5 }
            let begun = ContinuousClock.now
            for number in 0..<5 { try await redis.push(Acme.call("c\(number)", agent: "30\(number)")) }
            try await eventually("the others", within: .seconds(5)) {
                (0..<5).allSatisfy { world.events(of: "c\($0)") == ["call.up"] }
            }
            Self.tell("5 events behind one that is refused", begun, world)
            #expect(!daemon.log.contains("takes nothing"))
        }
    }

    /// The small world with call records, which end calls.
    static func run(
        _ more: String, rules: String = "[]", _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        try await Acme.run(body) { redis in
            """
            redis: { url: "unix://\(redis.socket)?db=0", delivery: at-least-once, keys: { cdr: \(Acme.records) } }
            rules: \(rules)
            \(more)
            """
        }
    }

    /// What a run measured.
    static func tell(_ what: String, _ begun: ContinuousClock.Instant, _ world: WebhookWorld) {
        let requests = world.receiver.requests
        let last = requests.last.map { begun.duration(to: $0.at) } ?? .zero
        print("webhooks: \(what): \(requests.count) tries, the last after \(last)")
    }
}
