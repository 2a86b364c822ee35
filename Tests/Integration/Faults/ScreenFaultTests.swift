import Foundation
import Synchronization
import Testing

/// Pages that hang, refuse or go away while a call is to be shown.
@Suite(.timeLimit(.minutes(1)))
struct ScreenFaultTests {
    private func ack(
        _ pop: EventStreamClient.Event, _ outcome: String, from screen: EventStreamClient, _ daemon: DaemonUnderTest,
        in world: FaultWorld
    ) async throws {
        let session = screen.events.first?["session"] ?? ""
        let body = #"{"id":"\#(pop["id"] ?? "")","outcome":"\#(outcome)","session":"\#(session)"}"#
        let token = try await world.token(daemon, agent: "1007")
        let answer = try await daemon.post("/v1/acme/agents/1007/acks", body, token: token)
        #expect(answer.status < 300)
    }

    @Test("a page that does not answer within 1.5 s loses the pop to the next, and the last one keeps it")
    func passedOn() async throws {
        try await FaultWorld.run { world in
            let daemon = try await world.start()
            let older = try await world.stream(daemon)
            let newer = try await world.stream(daemon)
            // From before: on a busy machine the test itself may see the first pop late.
            let start = ContinuousClock.now
            try await world.push(calls: ["c1"])
            try await newer.event("pop", ref: "c1", within: .seconds(10))
            try await older.event("pop", ref: "c1", within: .seconds(5))
            let took = ContinuousClock.now - start
            #expect(took >= .milliseconds(1500), "passed on before its time: \(took)")
            // A later call goes its own way; were the first offered anew, it would come before.
            try await world.push(calls: ["c2"])
            try await older.event("pop", ref: "c2", within: .seconds(5))
            for screen in [older, newer] { #expect(pops(screen) == ["c1", "c2"]) }
            #expect(!older.names.contains("missed"))
            FaultFigures.tell("a page that is silent: the pop is with the next after \(took.text)")
        }
    }

    private func pops(_ screen: EventStreamClient) -> [String] {
        screen.events.filter { $0.name == "pop" }.compactMap { $0["call.ref"] }
    }

    @Test("blocked by one page it goes to the next at once; blocked by all it is missed, once")
    func blocked() async throws {
        try await FaultWorld.run { world in
            let daemon = try await world.start()
            let older = try await world.stream(daemon)
            let newer = try await world.stream(daemon)
            try await world.push(calls: ["c1"])
            let first = try await newer.event("pop", ref: "c1", within: .seconds(10))
            try await ack(first, "blocked", from: newer, daemon, in: world)
            let second = try await older.event("pop", ref: "c1", within: .milliseconds(1400))
            #expect(!older.names.contains("missed"))
            try await ack(second, "blocked", from: older, daemon, in: world)
            for screen in [older, newer] {
                #expect(try await screen.event("missed", ref: "c1", within: .seconds(10))["reason"] == "blocked")
            }
            try await world.push(calls: ["c2"])
            try await newer.event("pop", ref: "c2", within: .seconds(10))
            for screen in [older, newer] { #expect(screen.names.filter { $0 == "missed" }.count == 1) }
        }
    }

    @Test("beyond stacked_pops open ones a call is missed; when one is handled the next pops")
    func stacked() async throws {
        var shape = FaultWorld.Shape()
        shape.stackedPops = 2
        try await FaultWorld.run(shape) { world in
            let daemon = try await world.start()
            let screen = try await world.stream(daemon)
            try await world.push(calls: ["c1", "c2", "c3"])
            #expect(try await screen.event("missed", ref: "c3", within: .seconds(10))["reason"] == "stacked")
            let pop = try await screen.event("pop", ref: "c1", within: .seconds(10))
            try await ack(pop, "handled", from: screen, daemon, in: world)
            try await screen.event("clear", ref: "c1", within: .seconds(10))
            try await world.push(calls: ["c4"])
            try await screen.event("pop", ref: "c4", within: .seconds(10))
            #expect(pops(screen) == ["c1", "c2", "c4"])
        }
    }

    @Test("the page goes away before it answers: the pop is for the one that comes back, while the call is fresh")
    func goneAndBack() async throws {
        try await FaultWorld.run { world in
            let daemon = try await world.start()
            let first = try await world.stream(daemon)
            try await world.push(calls: ["c1"])
            let pop = try await first.event("pop", ref: "c1", within: .seconds(10))
            first.close()
            // Its end is noticed when it is; nobody waits for it here.
            let second = try await world.stream(daemon, after: pop.id)
            #expect(second.events.first?["recovered"] == "1")
            let again = try await second.event("pop", ref: "c1", within: .seconds(5))
            #expect(again["id"] == pop["id"])
            try await ack(again, "shown", from: second, daemon, in: world)
            second.close()
            let third = try await world.stream(daemon, after: again.id)
            try await world.push(calls: ["c2"])
            try await third.event("pop", ref: "c2", within: .seconds(10))
            #expect(pops(third) == ["c2"])
        }
    }

    @Test("a missed call that was held survives kill -9 and is told at the next log-in, once")
    func held() async throws {
        try await FaultWorld.run { world in
            var daemon = try await world.start()
            try await world.push(calls: ["held"])
            try await eventually("it to be recorded", within: .seconds(10)) {
                try world.log.entries(.missed)["held"] == 1
            }
            await world.stop(daemon, SIGKILL)
            daemon = try await world.start()
            let first = try await world.stream(daemon)
            #expect(try await first.event("missed", ref: "held", within: .seconds(10))["reason"] == "offline")
            first.close()
            let second = try await world.stream(daemon)
            try await world.push(calls: ["mark"])
            try await second.event("call", ref: "mark", within: .seconds(10))
            #expect(!second.names.contains("missed"))
            #expect(first.names.filter { $0 == "missed" }.count == 1)
        }
    }

    @Test("an acknowledgement that was answered survives kill -9, also when the log was held up")
    func acknowledged() async throws {
        try await FaultWorld.run { world in
            var daemon = try await world.start()
            let screen = try await world.stream(daemon)
            try await world.push(calls: ["c1"])
            let pop = try await screen.event("pop", ref: "c1", within: .seconds(10))
            let lock = try world.log.lock()
            let answered = Mutex(false)
            let answer = Task { [daemon] in
                try await ack(pop, "shown", from: screen, daemon, in: world)
                answered.withLock { $0 = true }
            }
            // An answer while nothing can be written down is a promise that a kill would break.
            try? await eventually("an answer", within: .milliseconds(500)) { answered.withLock { $0 } }
            if answered.withLock({ $0 }) { await world.stop(daemon, SIGKILL) }
            try lock.release()
            try await answer.value
            await world.stop(daemon, SIGKILL)
            daemon = try await world.start()
            let again = try await world.stream(daemon, after: pop.id)
            try await world.push(calls: ["c2"])
            try await again.event("pop", ref: "c2", within: .seconds(10))
            #expect(pops(again) == ["c2"])
        }
    }
}
