import CTICore
import Hiredis
import Logging
import Synchronization
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

    private let clock = ManualClock()

    private func withDesk(
        lookup: (any ContactLookup)? = nil, inHand: any InHandStore = NoInHandStore(),
        _ body: (TenantDesk) async throws -> Void
    ) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let desk = TenantDesk(
            profile: try profile(), log: log, lookup: lookup, inHand: inHand, loop: loop,
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

    @Test("who has two streams on one line is told all of it in the order of the log")
    func twoStreamsOnOneLine() async throws {
        try await withDesk { desk in
            // Whichever of the two comes first in a table of them: one of these would be out of order.
            let lines = (0..<8).map { _ in RecordingOutlet() }
            for line in lines {
                _ = try await desk.openRealtime(lastEventID: nil, outlet: SharedLine(to: line))
                _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: SharedLine(to: line))
            }
            await desk.receive("c1", agent: "1007")
            await desk.receive("c2", agent: "1007")
            for line in lines {
                await line.has(6)
                #expect(isRising(line.frames.dropFirst(2).map(\.id)))
            }
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
            #expect(other.frames.dropFirst().allSatisfy { String(decoding: $0.data, as: UTF8.self).contains(#""c2""#) })
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

    @Test("a log-in that could not be recorded hands nothing over: the next one does, once")
    func handedOverInVain() async throws {
        try await withDesk { desk in
            await desk.receive("c1", agent: "1007")
            await desk.drained()
        }
        try await withDesk { desk in
            await log.failAppends(with: EventLogError(.full, "no space"))
            await desk.giveUpWaiting()
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            while await desk.counters.recordFailures == 0 { await Task.yield() }
            #expect(outlet.events == ["hello"])
        }
        await log.failAppends(with: nil)
        try await withDesk { desk in
            for expected in [["hello", "missed"], ["hello"]] {
                let outlet = RecordingOutlet()
                _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
                await outlet.has(expected.count)
                #expect(outlet.events == expected)
            }
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

    @Test("an unanswered pop whose call is too old after a restart, by the age it had when it was fetched, is missed")
    func restartedTooLate() async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007", ageBound: .seconds(10))
            await outlet.has(3)
        }
        clock.advance(by: .seconds(6))
        for _ in 1...2 {
            try await withDesk { desk in
                await desk.recorded()
                let outlet = RecordingOutlet()
                _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
                await desk.recorded()
                #expect(!outlet.events.contains("pop"))
            }
        }
        let missed = try await log.entries(.kind(.missed), after: nil, limit: 10)
        #expect(missed.first?.entry.held == true || missed.count == 2, "held, or handed over already")
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

    @Test("a call that could not be recorded while it was fresh is missed: no screen is taken by a dead call")
    func logFailsForLong() async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await log.fail(with: EventLogError(.full, "no space"))
            await desk.receive("c1", agent: "1007")
            while await desk.counters.recordFailures == 0 { await Task.yield() }
            clock.advance(by: .seconds(16))
            await log.fail(with: nil)
            await outlet.has(3)
            #expect(outlet.events == ["hello", "call", "missed"])
            #expect(outlet.frames.last?.text.contains(#""reason":"stale""#) == true)
        }
    }

    @Test(
        "a log that can be mended is waited for, whatever is wrong with it: nothing is dropped, nobody stays deaf",
        arguments: [EventLogError.Code.full, .unwritable, .corrupt, .failed])
    func logIsMended(_ code: EventLogError.Code) async throws {
        try await withDesk { desk in
            await log.fail(with: EventLogError(code, "for now"))
            await desk.receive("c1", agent: "1007")
            while await desk.counters.recordFailures == 0 { await Task.yield() }
            await log.fail(with: nil)
            await desk.receive("c2", agent: "1007")
            await desk.recorded()
            let calls = try await log.entries(.kind(.call), after: nil, limit: 10)
            #expect(calls.count == 2)
        }
    }

    @Test("an acknowledgement does not wait for a log that cannot be written: that is said, and it is recorded later")
    func acknowledgedWhileTheLogFails() async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            await outlet.has(3)
            let id = try #require(outlet.frames.last { $0.event == "pop" }?.popID)
            await log.fail(with: EventLogError(.full, "no space"))
            // It is the first to find out.
            await #expect(throws: EventLogError.self) {
                _ = try await desk.acknowledge(PopAck(id: id, outcome: .handled), agent: agent)
            }
            await log.fail(with: nil)
            await outlet.has(4)
            #expect(try await log.entries(.kind(.ack), after: nil, limit: 10).count == 1)
        }
    }

    @Test("an acknowledgement that comes when all is recorded and over is refused, and does not wait for ever")
    func acknowledgedTooLate() async throws {
        try await withDesk { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            await outlet.has(3)
            let id = try #require(outlet.frames.last { $0.event == "pop" }?.popID)
            await desk.stop()
            while !outlet.isFinished { await Task.yield() }
            await #expect(throws: EventLogError.self) {
                _ = try await desk.acknowledge(PopAck(id: id, outcome: .shown), agent: agent)
            }
        }
    }

    // MARK: Look-ups

    @Test("a look-up's answer is the call's contact; a withheld number is not asked for")
    func lookedUp() async throws {
        let lookup = ScriptedLookup()
        try await withDesk(lookup: lookup) { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            lookup.answer("c1", with: [Contact(id: "17", name: "Jane Doe")])
            await outlet.has(3)
            #expect(outlet.frames[1].text.contains(#""name":"Jane Doe""#))
            await desk.receive("c2", agent: "1007", caller: "")
            await outlet.has(5)
            #expect(outlet.events == ["hello", "call", "pop", "call", "pop"])
            #expect(await desk.counters.lookups == 1)
        }
        let recorded = try await log.entries(.everything, after: nil, limit: 20)
        #expect(recorded.map(\.entry.kind).prefix(2) == [.received, .call])
    }

    @Test("what the look-up knows already is taken at once: the call waits for nobody, and nothing is asked")
    func knownAtOnce() async throws {
        let lookup = ScriptedLookup(timeout: .seconds(60))
        lookup.know("c1", .cached([Contact(id: "17", name: "Jane Doe")]))
        lookup.know("c2", .refused("the last ones failed"))
        try await withDesk(lookup: lookup) { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            await outlet.has(3)
            #expect(outlet.frames[1].text.contains(#""name":"Jane Doe""#))
            await desk.receive("c2", agent: "1007")
            await outlet.has(5)
            #expect(await desk.counters.lookups == 0)
            // It keeps its place behind one that waits, all the same.
            await desk.receive("hangs", agent: "1007")
            lookup.know("c4", .cached([]))
            await desk.receive("c4", agent: "1007")
            lookup.answer("hangs", with: [])
            await outlet.has(9)
            let refs = outlet.frames.dropFirst().map { $0.text.contains("hangs") ? "hangs" : "other" }
            #expect(refs == ["other", "other", "other", "other", "hangs", "hangs", "other", "other"])
        }
        let recorded = try await log.entries(.everything, after: nil, limit: 30)
        #expect(recorded.filter { $0.entry.kind == .received }.count == 2)
        let traces = recorded.compactMap { $0.entry.trace.map { String(decoding: $0, as: UTF8.self) } }
        #expect(traces.contains { $0.contains("answered from the cache: 1") })
        #expect(traces.contains { $0.contains("not asked: the last ones failed") })
    }

    @Test("a look-up that hangs holds up what comes behind it at the same agent, and no other agent")
    func hangingLookup() async throws {
        let lookup = ScriptedLookup(timeout: .seconds(60))
        try await withDesk(lookup: lookup) { desk in
            let (slow, quick) = (RecordingOutlet(), RecordingOutlet())
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: slow)
            _ = try await desk.openSession(agent: Extension("1008"), lastEventID: nil, outlet: quick)
            await desk.receive("hangs", agent: "1007")
            await desk.receive("behind", agent: "1007", caller: "")
            await desk.receive("c2", agent: "1008")
            lookup.answer("c2", with: [])
            await quick.has(3)
            #expect(slow.events == ["hello"])
            lookup.answer("hangs", with: [])
            await slow.has(5)
            #expect(slow.frames[1].text.contains("hangs") && slow.frames[3].text.contains("behind"))
        }
    }

    @Test("a look-up that is not answered within its time costs the call its contact, not the pop")
    func unansweredLookup() async throws {
        try await withDesk(lookup: ScriptedLookup(timeout: .milliseconds(50))) { desk in
            let outlet = RecordingOutlet()
            _ = try await desk.openSession(agent: agent, lastEventID: nil, outlet: outlet)
            await desk.receive("c1", agent: "1007")
            await outlet.has(3)
            #expect(outlet.events == ["hello", "call", "pop"])
            #expect(await desk.counters.lookupFailures == 1)
        }
    }

    @Test("a call that waited for its look-up when the process ended is decided by the next one, once")
    func lookupCutOff() async throws {
        let lookup = ScriptedLookup(timeout: .seconds(60))
        let raw = Array(#"{"type":"call","payload":{"number":"1","call_ref":"c1","ref":"1007"}}"#.utf8)
        let data = Array(#"{"event":"up","extension":"1007","ageBoundMs":0}"#.utf8)
        let entry = LogEntry(
            kind: .received, agent: agent, ref: CallRef("c1"), at: clock.now, data: data, raw: raw)
        _ = try await log.append([entry])
        for _ in 1...2 {
            try await withDesk(lookup: lookup) { desk in
                lookup.answer("c1", with: [])
                while try await log.entries(.kind(.call), after: nil, limit: 10).isEmpty { await Task.yield() }
            }
        }
        let calls = try await log.entries(.kind(.call), after: nil, limit: 10)
        #expect(calls.count == 1)
    }

    @Test("a call that was decided is not decided again by a process that starts days later")
    func lookedUpLongAgo() async throws {
        let lookup = ScriptedLookup()
        lookup.answer("c1", with: [])
        let raw = notification("c1")
        try await withDesk(lookup: lookup) { desk in
            await desk.take(raw)
            while try await log.entries(.kind(.call), after: nil, limit: 10).isEmpty { await Task.yield() }
        }
        clock.advance(by: .seconds(3 * 24 * 3600))
        try await withDesk(lookup: lookup) { _ in }
        #expect(try await log.entries(.kind(.call), after: nil, limit: 10).count == 1)
    }

    @Test("a call that is found undecided at the third start is a dead letter, once, and the others are decided")
    func undecidedForEver() async throws {
        let lookup = ScriptedLookup()
        for ref in ["poison", "good"] {
            let entry = LogEntry(
                kind: .received, agent: agent, ref: CallRef(ref), at: clock.now,
                data: Array(#"{"event":"up","extension":"1007","ageBoundMs":0}"#.utf8), raw: notification(ref))
            _ = try await log.append([entry])
            lookup.answer(ref, with: [])
        }
        try await log.setMark("undecided", Array(#"{"poison":2,"gone":2}"#.utf8))
        for _ in 1...2 { try await withDesk(lookup: lookup) { _ in } }
        let letters = try await log.entries(.kind(.deadLetter), after: nil, limit: 10)
        #expect(letters.map(\.entry.raw) == [notification("poison")])
        let calls = try await log.entries(.kind(.call), after: nil, limit: 10)
        #expect(calls.map(\.entry.ref) == [CallRef("good")])
        let mark = try #require(try await log.mark("undecided"))
        #expect([String: Int](json: mark) == ["poison": 3, "good": 1])
    }

    // MARK: What an earlier process had in hand

    private func notification(_ ref: String) -> [UInt8] {
        Array(#"{"type":"call","payload":{"number":"1","call_ref":"\#(ref)","ref":"1007"}}"#.utf8)
    }

    @Test("what was fetched and not recorded is handled by the next process, with its age")
    func inHand() async throws {
        let left = InHand(
            notifications: [notification("fresh"), Array("bad".utf8)], fetchedAt: clock.now, ageBound: .seconds(10),
            deaths: 1)
        let store = MemoryInHand(left)
        try await withDesk(inHand: store) { _ in }
        #expect(try await log.entries(.kind(.call), after: nil, limit: 10).count == 1)
        #expect(try await log.entries(.kind(.deadLetter), after: nil, limit: 10).count == 1)
        #expect(store.contents()?.isRecorded == true)
        clock.advance(by: .seconds(10))
        let old = InHand(
            notifications: [notification("old")], fetchedAt: clock.now.adding(.seconds(-10)), ageBound: .seconds(10))
        try await withDesk(inHand: MemoryInHand(old)) { _ in }
        let calls = try await log.entries(.kind(.call), after: nil, limit: 10).map(\.entry.data)
        #expect(calls.map { String(decoding: $0, as: UTF8.self).contains(#""stale":true"#) } == [false, true])
    }

    @Test("the third death makes a dead letter of the one that was being handled, and of it alone")
    func fatal() async throws {
        let left = InHand(
            notifications: ["a", "poison", "c"].map(notification), fetchedAt: clock.now, ageBound: .zero, deaths: 1,
            index: 1, deathsAtIndex: 2)
        try await withDesk(inHand: MemoryInHand(left)) { _ in }
        let letters = try await log.entries(.kind(.deadLetter), after: nil, limit: 10)
        #expect(letters.map(\.entry.raw) == [notification("poison")])
        #expect(String(decoding: letters[0].entry.data, as: UTF8.self).contains("killed-daemon"))
        // The first was done with before the death.
        let calls = try await log.entries(.kind(.call), after: nil, limit: 10)
        #expect(calls.map(\.entry.ref) == [CallRef("c")])
    }

    @Test("what is left in hand when the daemon is stopped once more is said to be left, so that nothing replaces it")
    func stoppedInTheMidst() async throws {
        await log.fail(with: EventLogError(.full, "no space"))
        let left = InHand(notifications: ["a", "b"].map(notification), fetchedAt: clock.now, ageBound: .zero)
        let store = MemoryInHand(left)
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let desk = TenantDesk(
            profile: try profile(), log: log, inHand: store, loop: loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { [clock] in clock.now })
        await withTaskGroup { group in
            group.addTask { await desk.run() }
            group.addTask {
                while await desk.counters.recordFailures == 0 { await Task.yield() }
                await desk.giveUpWaiting()
            }
            let isFinished = await desk.finishWhatWasLeft()
            #expect(!isFinished && store.contents()?.isRecorded == false)
            await desk.stop()
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
    func receive(_ ref: String, agent: String, ageBound: Duration? = .zero, caller: String = "0821234567") {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: caller, callRef: CallRef(ref),
            extension: Extension(agent))
        admit(event, raw: Array(ref.utf8), ageBound: ageBound, at: now())
        wakeCommitter()
    }

    /// A notification as it came, with nothing known against it.
    func take(_ raw: [UInt8]) {
        raw.withUnsafeBytes { admit($0, ageBound: .zero, at: now()) }
        wakeCommitter()
    }

    /// Comes back once everything is recorded.
    func drained() async {
        while !outbox.isEmpty { await Task.yield() }
        _ = try? await log.bounds()
    }
}

/// A clock that goes on when it is told to.
final class ManualClock: Sendable {
    private let moment = Mutex(Timestamp(milliseconds: 1_700_000_000_000))
    var now: Timestamp { moment.withLock { $0 } }
    func advance(by duration: Duration) { moment.withLock { $0 = $0.adding(duration) } }
}

/// Answers when the test says so, call by call; a question that is not answered hangs, also when it is cancelled.
final class ScriptedLookup: ContactLookup {
    private struct State {
        var answers: [String: [Contact]] = [:]
        var waiting: [String: CheckedContinuation<[Contact], Never>] = [:]
        var known: [String: LookupAnswer] = [:]
    }

    let timeout: Duration
    private let state = Mutex(State())

    init(timeout: Duration = .seconds(5)) { self.timeout = timeout }

    deinit { state.withLock { for waiting in $0.waiting.values { waiting.resume(returning: []) } } }

    func know(_ ref: String, _ answer: LookupAnswer) { state.withLock { $0.known[ref] = answer } }

    func known(for context: PlanContext) -> LookupAnswer? { state.withLock { $0.known[context.call.ref.rawValue] } }

    func answer(_ ref: String, with contacts: [Contact]) {
        let waiting = state.withLock { state in
            state.answers[ref] = contacts
            return state.waiting.removeValue(forKey: ref)
        }
        waiting?.resume(returning: contacts)
    }

    func contacts(for context: PlanContext) async throws(ContactLookupError) -> [Contact] {
        let ref = context.call.ref.rawValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: [Contact]? = state.withLock { state in
                    if let answer = state.answers[ref] { return answer }
                    state.waiting[ref] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            answer(ref, with: [])
        }
    }
}

/// A batch in hand without a file.
final class MemoryInHand: InHandStore {
    private let kept: Mutex<InHand?>

    init(_ kept: InHand? = nil) { self.kept = Mutex(kept) }

    func hold(_ batch: NotificationBatch, at moment: Timestamp) {
        kept.withLock {
            $0 = InHand(notifications: batch.elements, fetchedAt: moment, ageBound: batch.ageBound)
        }
    }
    func recorded() { kept.withLock { $0?.isRecorded = true } }
    func contents() -> InHand? { kept.withLock { $0 } }
    func takeUp(_ index: Int) {}
    func waitsForLog() {}
}
