import CTICore
import Hiredis
import Logging
import Testing

@testable import CTIPipeline

/// A tenant at work with a log in memory: what is recorded, what is sent, in which order.
@Suite(.timeLimit(.minutes(1)))
struct TenantDeskTests {
    private let agent = Extension("1007")
    private let log = InMemoryEventLog()

    private func profile() throws -> TenantProfile {
        let id = try #require(TenantID("acme"))
        let open = ActionTemplate.open(url: try Template(parsing: "https://crm.example/{callRef}"), mode: .newFrame)
        let realtime = ActionTemplate.realtime(
            app: Template(literal: "CTI"), reference: Template(literal: "42"), url: Template(literal: ""))
        return TenantProfile(id: id, rules: [Rule(name: "all", on: [.up], actions: [open, realtime])])
    }

    private func withDesk(_ body: (TenantDesk) async throws -> Void) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let desk = TenantDesk(
            profile: try profile(), log: log, loop: loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { Timestamp(milliseconds: 1_700_000_000_000) })
        try await desk.restore()
        try await withThrowingTaskGroup { group in
            group.addTask { await desk.run() }
            try await body(desk)
            await desk.stop()
            try await group.waitForAll()
        }
    }

    @Test("a call is recorded and then sent to the agent's sessions, its pop to one, its realtime event to the board")
    func delivered() async throws {
        try await withDesk { desk in
            let (first, second, board) = (RecordingOutlet(), RecordingOutlet(), RecordingOutlet())
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: first)
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: second)
            _ = try await desk.openRealtime(lastEventID: nil, outlet: board)
            await desk.receive("c1", agent: "1007")
            await second.has(3)
            await board.has(2)
            #expect(first.events == ["hello", "call"])
            #expect(second.events == ["hello", "call", "pop"])
            #expect(board.events == ["hello", "RealtimeCTI"])
            #expect(isRising(second.frames.map(\.id)))
            let recorded = try await log.entries(.everything, after: nil, limit: 10)
            #expect(recorded.map(\.entry.kind) == [.call, .realtime, .pop])
        }
    }

    @Test("another agent's stream stays silent")
    func othersAreSilent() async throws {
        try await withDesk { desk in
            let (own, other) = (RecordingOutlet(), RecordingOutlet())
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: own)
            _ = try await desk.openSession(agent: Extension("1008"), lastEventID: nil, outlet: other)
            await desk.receive("c1", agent: "1007")
            await own.has(3)
            await desk.receive("c2", agent: "1008")
            await other.has(3)
            #expect(other.frames.dropFirst().allSatisfy { String(decoding: $0.data, as: UTF8.self).contains("c2") })
        }
    }

    @Test("a stream that resumes is sent what it missed, in order and once")
    func resumed() async throws {
        try await withDesk { desk in
            let before = RecordingOutlet()
            let session = try await desk.openSession(agent: agent, lastEventID: nil, outlet: before)
            await desk.receive("c1", agent: "1007")
            await before.has(3)
            let seen = try #require(before.frames.first { $0.event == "call" }).id
            await desk.closeSession(session, agent: agent)
            for ref in ["c2", "c3"] { await desk.receive(ref, agent: "1007") }
            let after = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: seen.description, outlet: after)
            await after.has(6)
            #expect(after.frames.first?.text.contains(#""recovered":true"#) == true)
            // c1's pop was never acknowledged, so it is offered again; c2 and c3 found nobody.
            #expect(after.events.filter { $0 == "call" }.count == 2)
            #expect(after.events.filter { $0 == "missed" }.count == 2)
            #expect(after.events.filter { $0 == "pop" }.count == 1)
            #expect(isRising(after.frames.map(\.id)))
        }
    }

    @Test("an id that the log does not know counts as too old, and that is said", arguments: ["17", "abc", "", "-1"])
    func unknownID(_ id: String) async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: id, outlet: outlet)
            #expect(outlet.frames.first?.text.contains(#""recovered":false"#) == true)
        }
    }

    @Test("what nobody saw is handed over at the next log-in, and only then")
    func handedOver() async throws {
        try await withDesk { desk in
            await desk.receive("c1", agent: "1007")
            await desk.drained()
            let (first, second) = (RecordingOutlet(), RecordingOutlet())
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: first)
            await first.has(2)
            #expect(first.events == ["hello", "missed"])
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: second)
            await desk.receive("c2", agent: "1007")
            await second.has(3)
            #expect(second.events == ["hello", "call", "pop"])
        }
    }

    @Test("a call whose age is beyond bounds takes no screen and is listed as missed", arguments: [nil, 16] as [Int?])
    func stale(_ seconds: Int?) async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007", ageBound: seconds.map { .seconds($0) })
            await outlet.has(3)
            #expect(outlet.events == ["hello", "call", "missed"])
            #expect(outlet.frames.last?.text.contains(#""reason":"stale""#) == true)
        }
    }

    @Test("a call seen twice is popped once, also by the next process")
    func repeated() async throws {
        try await withDesk { desk in
            await desk.receive("c1", agent: "1007")
            await desk.receive("c1", agent: "1007")
            await desk.drained()
        }
        try await withDesk { desk in
            await desk.receive("c1", agent: "1007")
            await desk.drained()
            #expect(await desk.counters.repeated == 1)
        }
        let recorded = try await log.entries(.kind(.call), after: nil, limit: 10)
        #expect(recorded.count == 1)
    }

    @Test("a pop that nobody acknowledged is offered again after a restart, while it is fresh")
    func restarted() async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            await outlet.has(3)
        }
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await outlet.has(2)
            #expect(outlet.events == ["hello", "pop"])
        }
    }

    @Test("a pop that is on a screen is not offered again after a restart, and can still be handled")
    func shownBeforeRestart() async throws {
        let outlet = RecordingOutlet()
        try await withDesk { desk in
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            await outlet.has(3)
            let id = try #require(outlet.frames.last { $0.event == "pop" }?.popID)
            _ = try await desk.acknowledge(PopAck(id: id, outcome: .shown), agent: agent)
        }
        let id = try #require(outlet.frames.last { $0.event == "pop" }?.popID)
        try await withDesk { desk in
            let again = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: again)
            #expect(try await desk.acknowledge(PopAck(id: id, outcome: .handled), agent: agent))
            await again.has(2)
            #expect(again.events == ["hello", "clear"])
        }
    }

    @Test("while the log cannot be written nothing is sent; once it can, everything is")
    func logFails() async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await log.fail(with: EventLogError(.full, "no space"))
            await desk.receive("c1", agent: "1007")
            while await desk.counters.recordFailures == 0 { await Task.yield() }
            #expect(outlet.events == ["hello"])
            #expect(await desk.readiness().state == .degraded)
            await log.fail(with: nil)
            await outlet.has(3)
            #expect(outlet.events == ["hello", "call", "pop"])
        }
    }

    private func isRising(_ positions: [Position]) -> Bool {
        zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
    }
}

extension Frame {
    var popID: PopID? { PopReference(json: data).map { PopID($0.id) } }
    var text: String { String(decoding: data, as: UTF8.self) }
}

extension TenantDesk {
    /// As a source would hand it in.
    func receive(_ ref: String, agent: String, ageBound: Duration? = .zero) {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: "0821234567", callRef: CallRef(ref),
            extension: Extension(agent))
        admit(event, raw: Array(ref.utf8), ageBound: ageBound, at: now())
        wakeCommitter()
    }

    /// Comes back once everything is recorded.
    func drained() async {
        while !outbox.isEmpty { await Task.yield() }
        _ = try? await log.bounds()
    }
}
