import CTICore
import Hiredis
import Logging
import Testing

@testable import CTIPipeline

/// What the desk tells boards of this moment.
@Suite(.timeLimit(.minutes(1)))
struct BoardPresenceTests {
    private let clock = ManualClock()

    private func withDesk(
        masks: Bool = false, agents: Int = 1, _ body: (TenantDesk) async throws -> Void
    ) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let listed = (0..<agents).map { Agent(extension: Extension(String(1007 + $0)), name: "Agent \($0)") }
        let profile = TenantProfile(
            id: try #require(TenantID("acme")), displayName: "Acme", queues: ["0117654321": "Sales", "2": "Sales"],
            agents: listed, masksNumbers: masks)
        let desk = TenantDesk(
            profile: profile, log: InMemoryEventLog(), loop: loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { [clock] in clock.now })
        try await withThrowingTaskGroup { group in
            group.addTask { await desk.run() }
            try await body(desk)
            await desk.stop()
            try await group.waitForAll()
        }
    }

    private func tell(
        _ kind: CallEventKind, _ ref: String = "c1", at agent: String = "1007", to desk: TenantDesk
    ) async throws {
        let event = CallEvent(
            kind: kind, generation: .v3, direction: .inbound, caller: "0821234567", dialed: "0117654321",
            callRef: CallRef(ref), extension: Extension(agent))
        try await desk.take(PostedEvent(CallAccount(event), dialect: .ctid, feed: .ingest, raw: []))
    }

    private func status(_ word: String, of agent: String, to desk: TenantDesk) async {
        let text = #"{"type":"status","payload":{"status":"\#(word)","campaign_ref":"7","ref":"\#(agent)"}}"#
        await desk.take(
            channelMessages: [ChannelMessage(channel: "agents:\(agent)", payload: Array(text.utf8))], ageBound: .zero)
    }

    @Test func aCallIsToldWithWhereItIs() async throws {
        try await withDesk { desk in
            try await tell(.ringing, to: desk)
            let rang = clock.now
            try await tell(.ringing, at: "1008", to: desk)
            var call = try #require(await desk.boardPresence(of: nil).calls.first)
            #expect(call.state == .ringing)
            #expect(Set(call.agents.map(\.rawValue)) == ["1007", "1008"])
            #expect(call.queue == "Sales")
            #expect(call.caller == "0821234567")
            clock.advance(by: .seconds(9))
            try await tell(.up, at: "1008", to: desk)
            call = try #require(await desk.boardPresence(of: [CallRef("c1"), CallRef("unknown")]).calls.first)
            #expect(call.state == .up)
            #expect(call.agents.map(\.rawValue) == ["1008"])
            #expect(call.since == rang)
            #expect(call.upAt == clock.now)
            #expect(await desk.boardPresence(of: []).calls.isEmpty)
            try await tell(.hangup, at: "1008", to: desk)
            #expect(await desk.boardPresence(of: nil).calls.isEmpty)
            #expect(await desk.boardPresence(of: [CallRef("c1")]).calls.isEmpty)
        }
    }

    @Test func ofCallsWithoutEndsTheNewestOfAnAgentIsTold() async throws {
        try await withDesk { desk in
            for number in 0..<5 {
                try await tell(.up, "c\(number)", to: desk)
                clock.advance(by: .seconds(1))
            }
            try await tell(.ringing, "waits", to: desk)
            let refs = await desk.boardPresence(of: nil).calls.map(\.ref.rawValue)
            #expect(Set(refs) == ["c4", "waits"])
        }
    }

    @Test func numbersAreMaskedWhereTheTenantMasksThem() async throws {
        try await withDesk(masks: true) { desk in
            try await tell(.up, to: desk)
            #expect(await desk.boardPresence(of: nil).calls.map(\.caller) == ["********67"])
        }
    }

    @Test func agentsAreThoseOfTheFileAndWhoeverElseWasHeardOf() async throws {
        try await withDesk { desk in
            await status("wrapup", of: "1008", to: desk)
            let session = try await desk.openSession(
                agent: Extension("1009"), lastEventID: nil, outlet: RecordingOutlet())
            _ = await desk.setState(.focused, session: session, agent: Extension("1009"))
            let presence = await desk.boardPresence(of: nil)
            let known = Dictionary(uniqueKeysWithValues: presence.agents.map { ($0.extension.rawValue, $0) })
            #expect(Set(known.keys) == ["1007", "1008", "1009"])
            #expect(known["1007"]?.name == "Agent 0")
            #expect(known["1007"]?.status == nil)
            #expect(known["1008"]?.status == .wrapup)
            #expect(known["1009"]?.sessions == 1)
            #expect(known["1009"]?.isFocused == true)
            #expect(presence.queues == ["Sales"])
            #expect(presence.displayName == "Acme")
        }
    }

    /// The bound is for a debug build on a busy machine.
    @Test func aThousandAgentsAndCallsAreTakenInAtAGlance() async throws {
        try await withDesk(agents: 1000) { desk in
            for number in 0..<1000 { try await tell(.up, "c\(number)", at: String(1007 + number), to: desk) }
            let refs = await desk.boardPresence(of: nil).calls.map(\.ref)
            #expect(refs.count == 1000)
            var best = Duration.seconds(9)
            for _ in 0..<10 {
                let start = ContinuousClock.now
                let presence = await desk.boardPresence(of: refs)
                best = min(best, ContinuousClock.now - start)
                #expect(presence.calls.count == 1000 && presence.agents.count == 1000)
            }
            print("presence of 1,000 agents and 1,000 calls: \(best)")
            #expect(best < .milliseconds(100))
        }
    }
}
