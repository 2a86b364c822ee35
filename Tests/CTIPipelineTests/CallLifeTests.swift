import CTICore
import Hiredis
import Logging
import Synchronization
import Testing

@testable import CTIPipeline

/// What an agent's sessions are told of a call from its first ring to its end.
@Suite(.timeLimit(.minutes(3)))
struct CallLifeTests {
    private let log = InMemoryEventLog()
    private let clock = ManualClock()
    private let agents = [Extension("1007"), Extension("1008")]

    private func profile(masked: Bool) throws -> TenantProfile {
        let open = ActionTemplate.open(url: try Template(parsing: "https://crm.example/{caller}"), mode: .newFrame)
        return TenantProfile(
            id: try #require(TenantID("acme")),
            agents: [Agent(extension: agents[0], name: "John Doe", crmUser: "005"), Agent(extension: agents[1])],
            rules: [Rule(name: "all", on: [.ringing, .up], actions: [open])], stackedPops: 1000, masksNumbers: masked)
    }

    /// A desk of its own over the log that all of a test share, as after a restart.
    private func withDesk(
        masked: Bool = false, log: InMemoryEventLog? = nil, lookup: (any ContactLookup)? = nil,
        _ body: (TenantDesk) async throws -> Void
    ) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let desk = TenantDesk(
            profile: try profile(masked: masked), log: log ?? self.log, lookup: lookup, loop: loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { [clock] in clock.now })
        try await desk.restore()
        try await withThrowingTaskGroup { group in
            group.addTask { await desk.run() }
            await desk.finishWhatWasLeft()
            try await body(desk)
            await desk.stop()
            try await group.waitForAll()
        }
    }

    private func account(
        _ kind: CallEventKind, _ ref: String = "c1", at agent: String = "1007", caller: String = "0821234567",
        reach: CallFacts.Reach = .call, direction: CallDirection = .inbound
    ) -> CallAccount {
        var facts = CallFacts()
        facts.reach = reach
        let event = CallEvent(
            kind: kind, generation: .v3, direction: direction, caller: caller, callRef: CallRef(ref),
            extension: Extension(agent))
        return CallAccount(event, facts: facts)
    }

    private func post(_ account: CallAccount, to desk: TenantDesk, _ feed: Feed = .ingest) async throws {
        let raw = try #require(Dialect.ctid.encode(account))
        try await desk.take(PostedEvent(account, dialect: .ctid, feed: feed, raw: raw))
    }

    private func open(_ agent: Extension, at desk: TenantDesk) async throws -> RecordingOutlet {
        let outlet = RecordingOutlet()
        _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
        return outlet
    }

    @Test("a transferred call pops at the second agent with the first caller's number, and is cleared at the first")
    func transferred() async throws {
        try await withDesk { desk in
            let (first, second) = (try await open(agents[0], at: desk), try await open(agents[1], at: desk))
            try await post(account(.up), to: desk)
            try await post(account(.up, at: "1008", caller: "1007"), to: desk)
            #expect(first.events == ["hello", "call", "pop", "clear"])
            #expect(first.frames[3].text.contains(#""reason":"transferred""#))
            #expect(second.events == ["hello", "call", "pop"])
            #expect(second.frames[2].text.contains("crm.example/0821234567"))
            try await post(account(.hangup, at: "1007"), to: desk)
            #expect(second.events.suffix(2) == ["call", "clear"], "the end is told where the call was")
            #expect(first.events.count == 4)
        }
    }

    @Test("an agent who is done with the pop is told of the transfer, too")
    func transferredAfterDone() async throws {
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            try await post(account(.up), to: desk)
            let pop = try #require(first.frames[2].popID)
            _ = try await desk.acknowledge(PopAck(id: pop, outcome: .handled), agent: agents[0])
            try await post(account(.up, at: "1008"), to: desk)
            #expect(first.events == ["hello", "call", "pop", "clear", "clear"])
            #expect(first.frames[4].text.contains(#""ref":"c1","reason":"transferred""#))
        }
    }

    @Test("a call that rings at two telephones is taken from the one that did not answer")
    func answeredElsewhere() async throws {
        try await withDesk { desk in
            let (first, second) = (try await open(agents[0], at: desk), try await open(agents[1], at: desk))
            try await post(account(.ringing), to: desk)
            try await post(account(.ringing, at: "1008"), to: desk)
            try await post(account(.up, at: "1008"), to: desk)
            #expect(first.events == ["hello", "call", "pop", "clear"])
            #expect(second.events == ["hello", "call", "pop", "call", "pop"])
            // Its softphone says so afterwards: nothing was missed.
            try await post(account(.abandon, reach: .leg), to: desk, .phone)
            #expect(first.events.last == "call")
        }
    }

    @Test("a call that nobody answers is missed where it rang, and its pop is cleared")
    func unanswered() async throws {
        try await withDesk { desk in
            let (first, second) = (try await open(agents[0], at: desk), try await open(agents[1], at: desk))
            try await post(account(.ringing), to: desk)
            try await post(account(.ringing, at: "1008"), to: desk)
            try await post(account(.abandon, at: ""), to: desk)
            #expect(first.events == ["hello", "call", "pop", "clear", "missed"])
            #expect(second.events == ["hello", "call", "pop", "call", "clear", "missed"])
            for outlet in [first, second] {
                let missed = try #require(outlet.frames.last)
                #expect(missed.text.contains(#""event":"abandon""#) && missed.text.contains(#""reason":"unanswered""#))
            }
            #expect(first.frames.last?.text.contains(#""extension":"1007""#) == true)
        }
    }

    @Test("who calls out, and is not answered, has missed nothing")
    func unansweredOutside() async throws {
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            try await post(account(.calling, direction: .outbound), to: desk)
            try await post(account(.abandon, direction: .outbound), to: desk)
            #expect(first.events == ["hello", "call", "call"])
        }
    }

    @Test("a caller who gives up in the queue, with no agent, is recorded and told to nobody")
    func noAgent() async throws {
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            try await post(account(.abandon, at: ""), to: desk)
            let entry = try #require(await log.entries(.kind(.call), after: nil, limit: 1).first?.entry)
            #expect(entry.agent == nil && entry.ref == CallRef("c1"))
            #expect(first.events == ["hello"])
        }
    }

    @Test("what was posted twice is recorded once")
    func idempotent() async throws {
        try await withDesk { desk in
            for kind in [CallEventKind.ringing, .up, .hangup] {
                for _ in 0..<3 { try await post(account(kind), to: desk) }
            }
            #expect(try await log.entries(.kind(.call), after: nil, limit: 10).count == 3)
        }
    }

    @Test(
        "an event that happened too long ago, by its sender's clock, takes no screen; an agent's own clock is not asked"
    )
    func tooOld() async throws {
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            var late = account(.up, "old")
            late.call.upAt = clock.now.adding(.seconds(-60))
            try await post(late, to: desk)
            #expect(first.events == ["hello", "call", "missed"])
            #expect(first.frames[1].text.contains(#""stale":true"#))
            late.call.ref = CallRef("own")
            try await post(late, to: desk, .phone)
            #expect(first.events.suffix(2) == ["call", "pop"])
        }
    }

    @Test("a call under way survives a restart, with a number that agents may not see", arguments: [false, true])
    func restarted(masked: Bool) async throws {
        try await withDesk(masked: masked) { try await post(account(.up), to: $0) }
        try await withDesk(masked: masked) { desk in
            let second = try await open(agents[1], at: desk)
            try await post(account(.up), to: desk)
            #expect(second.events == ["hello"], "a repeat")
            try await post(account(.up, at: "1008", caller: "1007"), to: desk)
            #expect(second.events == ["hello", "call", "pop"])
            #expect(second.frames[2].text.contains("crm.example/0821234567"))
            #expect(second.frames[2].text.contains(#""caller":"0821234567""#) != masked)
        }
        try await withDesk(masked: masked) { desk in
            let second = try await open(agents[1], at: desk)
            try await post(account(.hangup), to: desk)
            try await post(account(.up, at: "1008"), to: desk)
            #expect(second.events.suffix(1) != ["pop"])
        }
    }

    @Test("a softphone's end does not count as the call's after a restart, nor does what came late")
    func restartedLegs() async throws {
        try await withDesk { desk in
            try await post(account(.ringing), to: desk)
            try await post(account(.ringing, at: "1008"), to: desk)
            try await post(account(.abandon, at: "1008", reach: .leg), to: desk, .phone)
            try await post(account(.up), to: desk)
            try await post(account(.up, at: "1008", reach: .leg), to: desk, .phone)
        }
        try await withDesk { desk in
            let state = await desk.tracker[CallRef("c1")]
            #expect(state?.agent == agents[0] && state?.endedAt == nil && state?.upAt != nil)
        }
    }

    @Test("a queue that rings one softphone after another is shown at each, also after a restart")
    func oneAfterAnother() async throws {
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            try await post(account(.ringing, reach: .leg), to: desk, .phone)
            try await post(account(.abandon, reach: .leg), to: desk, .phone)
            #expect(first.events == ["hello", "call", "pop", "call", "clear", "missed"])
            try await post(account(.ringing, reach: .leg), to: desk, .phone)
            #expect(first.events.suffix(1) == ["call"], "what is told after its end is late")
        }
        try await withDesk { desk in
            let second = try await open(agents[1], at: desk)
            try await post(account(.ringing, at: "1008", reach: .leg), to: desk, .phone)
            try await post(account(.up, at: "1008", reach: .leg), to: desk, .phone)
            #expect(second.events == ["hello", "call", "pop", "call", "pop"])
            #expect(second.frames[4].text.contains("crm.example/0821234567"))
            try await post(account(.hangup, at: "1008"), to: desk)
        }
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            try await post(account(.up, reach: .leg), to: desk, .phone)
            #expect(first.events.suffix(1) != ["pop"], "the PBX has ended it")
        }
    }

    @Test(
        "what a softphone told, and waits for its look-up when the process is killed, is shown by the next one",
        arguments: [false, true])
    func killedWhileAsking(masked: Bool) async throws {
        let (lookup, left) = (ScriptedLookup(timeout: .seconds(60)), InMemoryEventLog())
        var told = account(.up, reach: .leg)
        told.facts.callerName = "Jane"
        // As the softphone wrote it: whose it is, only the page that posted it knew.
        let raw = Array(#"{"type":"phone:accepted","data":{"id":"c1","direction":"inbound","from":"1"}}"#.utf8)
        try await withDesk(masked: masked, lookup: lookup) { desk in
            try await desk.take(PostedEvent(told, dialect: .kunzite, feed: .phone, raw: raw))
            let received = try await log.entries(.everything, after: nil, limit: 9)
            #expect(received.map(\.entry.kind) == [.received])
            _ = try await left.append(received.map(\.entry))
            lookup.answer("c1", with: [])
        }
        try await withDesk(masked: masked, log: left, lookup: lookup) { desk in
            while try await left.entries(.kind(.call), after: nil, limit: 9).isEmpty { await Task.yield() }
            let call = try #require(try await left.entries(.kind(.call), after: nil, limit: 9).first?.entry)
            #expect(call.agent == agents[0] && call.raw == nil && call.feed == .phone)
            #expect(CallFacts(ofTrace: call.trace) == told.facts)
        }
        try await withDesk(masked: masked, log: left) { desk in
            let second = try await open(agents[1], at: desk)
            try await post(account(.up, at: "1008", caller: "1007"), to: desk)
            #expect(second.events == ["hello", "call", "pop"])
            #expect(second.frames[2].text.contains("crm.example/0821234567"), "the number outlives its mask")
            #expect(second.frames[2].text.contains(#""caller":"********67""#) == masked)
        }
    }

    @Test("a caller's name that is a number is masked as one, in every dialect")
    func maskedName() async throws {
        try await withDesk(masked: true) { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agents[0], lastEventID: nil, dialect: .xcally, outlet: outlet)
            var told = account(.up)
            told.facts.callerName = "+27 82 123 4567"
            try await post(told, to: desk)
            #expect(outlet.events.prefix(2) == ["hello", "call"])
            #expect(outlet.frames[1].text.contains(#""callername":"*********67""#))
            #expect(!outlet.frames[1].text.contains("4567"))
        }
    }

    @Test("a sender whose clock is years behind neither ends the call nor makes it forgotten")
    func wrongClock() async throws {
        try await withDesk { desk in
            var told = account(.up)
            told.call.upAt = clock.now.adding(.seconds(-300_000_000))
            try await post(told, to: desk)
            await desk.endSilentCalls(at: clock.now)
            clock.advance(by: .seconds(601))
            try await post(account(.up, "other"), to: desk)
            try await post(told, to: desk)
            let events = try await log.entries(.kind(.call), after: nil, limit: 9).map(\.entry.ref?.rawValue)
            #expect(events == ["c1", "other"])
        }
    }

    @Test("seconds that no call lasts end no process", arguments: [Int.min, -1, Int.max])
    func absurdSeconds(_ seconds: Int) async throws {
        try await withDesk { desk in
            try await post(account(.up), to: desk)
            var end = account(.hangup)
            end.facts.talkSeconds = seconds
            try await post(end, to: desk)
            let state = await desk.tracker[CallRef("c1")]
            #expect(state?.endedAt == clock.now)
        }
    }

    @Test("a stream that opens when the tenant has stopped is refused: it would be deaf for ever")
    func openedTooLate() async throws {
        try await withDesk { desk in
            await desk.stop()
            while await !desk.isOver { await Task.yield() }
            let outlet = RecordingOutlet()
            await #expect(throws: EventLogError.self) {
                _ = try await desk.openSession(agent: agents[0], lastEventID: nil, outlet: outlet)
            }
            await #expect(throws: EventLogError.self) {
                _ = try await desk.openRealtime(lastEventID: nil, outlet: outlet)
            }
            #expect(await desk.metrics().streams == 0)
        }
    }

    @Test("what is posted while the log cannot be written is refused where too much of it waits already")
    func noRoom() async throws {
        try await withDesk { desk in
            await log.failAppends(with: EventLogError(.full, "no space"))
            let posted = (0..<9000).map { number in
                PostedEvent(account(.up, "c\(number)"), dialect: .ctid, feed: .ingest, raw: [])
            }
            await desk.takeAll(posted)
            #expect(await desk.outbox.items.count <= 8192)
            await log.failAppends(with: nil)
            await desk.giveUpWaiting()
        }
    }

    @Test("a call of which nothing more is heard is ended, and its pop cleared, so that it does not count for ever")
    func silent() async throws {
        try await withDesk { desk in
            let first = try await open(agents[0], at: desk)
            try await post(account(.up), to: desk)
            clock.advance(by: .seconds(4 * 3600 + 1))
            await desk.endSilentCalls(at: clock.now)
            await first.has(5)
            #expect(first.events == ["hello", "call", "pop", "call", "clear"])
            #expect(first.frames[3].text.contains(#""event":"hangup""#))
            let entries = try await log.entries(.kind(.call), after: nil, limit: 10)
            let trace = try #require(entries.last?.entry.trace)
            #expect(String(decoding: trace, as: UTF8.self).contains(#""endReason":"silence""#))
        }
    }

    /// 6 days, 150 events each: any order, repetition and loss.
    @Test("nothing of a call that has ended ever pops, and no pop outlives its call")
    func neverAnEndedCall() async throws {
        var generator = SeededGenerator(seed: 23)
        var popped = 0
        for day in 0..<6 {
            let events = (0..<150).map { _ in randomEvent(day, &generator) }
            popped += try await popsOfRunning(events)
        }
        #expect(popped > 40, "the test would prove nothing")
    }

    private func randomEvent(_ day: Int, _ generator: inout SeededGenerator) -> CallAccount {
        account(
            CallEventKind.allCases.randomElement(using: &generator) ?? .up,
            "\(day)-\(Int.random(in: 0..<12, using: &generator))",
            at: Bool.random(using: &generator) ? "1007" : "1008",
            reach: Int.random(in: 0..<4, using: &generator) == 0 ? .leg : .call)
    }

    private func popsOfRunning(_ events: [CallAccount]) async throws -> Int {
        let popped = Mutex(0)
        try await withDesk { desk in
            let outlets = [try await open(agents[0], at: desk), try await open(agents[1], at: desk)]
            var ended: Set<CallRef> = []
            for event in events {
                if event.event.isEnd, event.facts.reach == .call { ended.insert(event.call.ref) }
                let before = outlets.map(\.frames.count)
                try await post(event, to: desk)
                let new = zip(outlets, before).flatMap { $0.frames.dropFirst($1) }.filter { $0.event == "pop" }
                let refs = new.compactMap { CallFrame(json: $0.data)?.call.ref }
                #expect(refs.count == new.count && ended.isDisjoint(with: refs))
                popped.withLock { $0 += refs.count }
                let open = await desk.openPopRefs
                #expect(open.isDisjoint(with: ended))
            }
        }
        return popped.withLock { $0 }
    }
}

extension TenantDesk {
    /// On the desk's own executor: thousands of them should not wait for a turn each.
    fileprivate func takeAll(_ posted: [PostedEvent]) async {
        for event in posted { try? await take(event) }
    }

    fileprivate var openPopRefs: Set<CallRef> {
        Set(agents.values.flatMap { $0.pops.values.map(\.frame.call.ref) })
    }
}
