import CTICore
import Hiredis
import Logging
import Testing

@testable import CTIPipeline

/// What comes beside the inbound list: how it is told apart in the log, and what the desk makes of it.
@Suite(.timeLimit(.minutes(1)))
struct FeedTests {
    private let log = InMemoryEventLog()
    private let clock = ManualClock()

    private func withDesk(
        inHand: any InHandStore = NoInHandStore(), cdrInHand: any InHandStore = NoInHandStore(),
        _ body: (TenantDesk) async throws -> Void
    ) async throws {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let desk = TenantDesk(
            profile: TenantProfile(id: try #require(TenantID("acme"))), log: log, inHand: inHand,
            cdrInHand: cdrInHand, loop: loop, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { [clock] in clock.now })
        try await desk.restore()
        try await withThrowingTaskGroup { group in
            group.addTask { await desk.run() }
            await desk.finishWhatWasLeft()
            try await body(desk)
            await desk.stop()
            try await group.waitForAll()
        }
    }

    private func entries(_ kind: LogEntry.Kind) async throws -> [LogEntry] {
        try await log.entries(.kind(kind), after: nil, limit: 100).map(\.entry)
    }

    private static func call(_ ref: String) -> [UInt8] {
        Array(#"{"type":"call","payload":{"number":"1","call_ref":"\#(ref)","ref":"1007"}}"#.utf8)
    }

    private static func record(_ ref: String) -> [UInt8] {
        let payload = #"{"extension":"1007","number":"1","call_ref":"\#(ref)","end_reason":"hungup","call_time":5}"#
        return Array(#"{"type":"cdr","payload":\#(payload)}"#.utf8)
    }

    private static func status(_ word: String, of agent: String? = "1007", in campaign: String = "7") -> ChannelMessage
    {
        let ref = agent.map { #","ref":"\#($0)""# } ?? ""
        let text = #"{"type":"status","payload":{"status":"\#(word)","campaign_ref":"\#(campaign)"\#(ref)}}"#
        return ChannelMessage(channel: "agents:1007", payload: Array(text.utf8))
    }

    // MARK: The log

    @Test(
        "an entry's feed is told by how its trace begins",
        arguments: [
            (nil, .inbound), (#"{"fetchedAt":"x"}"#, .inbound), (#"{"feed":"cdr"}"#, .cdr),
            (#"{"feed":"agents","fetchedAt":"x"}"#, .agents), (#"{"feed":"later"}"#, nil), (#"{"feed":"cdr"#, nil),
        ] as [(String?, Feed?)])
    func feed(trace: String?, expected: Feed?) {
        var entry = LogEntry(kind: .call, at: clock.now, data: [])
        entry.trace = trace.map { Array($0.utf8) }
        #expect(entry.feed == expected)
    }

    @Test("the newest notifications are those of one feed, oldest first")
    func newest() async throws {
        for index in 0..<12 {
            let feed = index.isMultiple(of: 3) ? Feed.cdr : .inbound
            _ = try await log.append([
                LogEntry(kind: .deadLetter, at: clock.now, data: [], raw: [UInt8(index)], trace: feed.trace)
            ])
        }
        #expect(try await log.newestNotifications(limit: 3, feed: .cdr).map(\.entry.raw) == [[3], [6], [9]])
        #expect(try await log.newestNotifications(limit: 3).map(\.entry.raw) == [[8], [10], [11]])
    }

    @Test("a dead letter's envelope tells where it came from, and that nothing else is one", arguments: Feed.allCases)
    func envelope(_ feed: Feed) throws {
        let sent = RequeuedNotification(raw: [1, 2, 255], fetchedAt: clock.now, feed: feed)
        let text = String(decoding: sent.envelope, as: UTF8.self)
        #expect(text.contains("feed") == (feed != .inbound))
        #expect(sent.envelope.withUnsafeBytes { RequeuedNotification(envelope: $0) } == sent)
        let unknown = Array(#"{"type":"ctid-requeued","at":1,"feed":"nowhere","raw":""}"#.utf8)
        #expect(unknown.withUnsafeBytes { RequeuedNotification(envelope: $0) } == nil)
    }

    // MARK: Call records

    @Test("what was in hand of both lists is handled by the next process: the calls, then their ends")
    func inHand() async throws {
        let calls = MemoryInHand(InHand(notifications: [Self.call("c1")], fetchedAt: clock.now, ageBound: .zero))
        let records = MemoryInHand(
            InHand(notifications: [Self.record("c1"), Array("bad".utf8)], fetchedAt: clock.now, ageBound: nil))
        try await withDesk(inHand: calls, cdrInHand: records) { _ in }
        let told = try await entries(.call).map { String(decoding: $0.data, as: UTF8.self) }
        #expect(told.count == 2 && told[0].contains(#""event":"up""#) && told[1].contains(#""event":"hangup""#))
        #expect(told[1].contains(#""stale":false"#))
        #expect(try await entries(.deadLetter).map(\.feed) == [.cdr])
        #expect(calls.contents()?.isRecorded == true && records.contents()?.isRecorded == true)
    }

    @Test("what a list begins with after a cut is looked for among what came from that list")
    func newestRecorded() async throws {
        try await withDesk { desk in
            for (text, feed) in [("bad 1", Feed.cdr), ("bad 2", .inbound), ("bad 3", .cdr)] {
                await desk.take(Array(text.utf8), from: feed, ageBound: .zero)
            }
            await desk.recorded()
            let records = await desk.newestRecorded(limit: 9, feed: .cdr)
            #expect(records == ["bad 1", "bad 3"].map { Array($0.utf8) })
            let calls = await desk.newestRecorded(limit: 9, feed: .inbound)
            #expect(calls == [Array("bad 2".utf8)])
        }
    }

    @Test("a call that stands in the list of records is as old as it may be, and takes no screen")
    func wrongList() async throws {
        try await withDesk { desk in
            await desk.take(Self.call("c1"), from: .cdr, ageBound: nil)
            await desk.recorded()
            let stale = try await entries(.call).map { CallFrame(json: $0.data)?.stale }
            #expect(stale == [true])
        }
    }

    @Test("a requeued record ends its call; it is of its own feed, and keeps its age where it fails again")
    func requeued() async throws {
        try await withDesk { desk in
            await desk.take(Self.call("c1"))
            let before = clock.now
            clock.advance(by: .seconds(600))
            for raw in [Self.record("c1"), Array(#"{"type":"cdr"}"#.utf8)] {
                await desk.take(RequeuedNotification(raw: raw, fetchedAt: before, feed: .cdr).envelope)
            }
            await desk.recorded()
            let events = try await entries(.call).map { CallFrame(json: $0.data)?.event }
            #expect(events == [.up, .hangup])
            let letters = try await entries(.deadLetter)
            #expect(letters.map(\.feed) == [.cdr] && letters.map(\.at) == [before])
        }
    }

    @Test("an envelope with a moment that nobody wrote is none, and a dead letter", arguments: [Int64.min, -1, .max])
    func absurdMoment(_ moment: Int64) async throws {
        let envelope = Array(#"{"type":"ctid-requeued","at":\#(moment),"raw":"e30="}"#.utf8)
        try await withDesk { desk in
            await desk.take(envelope)
            await desk.recorded()
            let letters = try await entries(.deadLetter)
            #expect(letters.map(\.raw) == [envelope])
        }
    }

    // MARK: Agents

    @Test("an agent's state is recorded where it is news, with the campaign, and is on no agent's stream")
    func states() async throws {
        try await withDesk { desk in
            let messages = [
                Self.status("available"), Self.status("available"), Self.status("available", in: "8"),
                Self.status("busy", of: nil), Self.status("asleep"),
            ]
            await desk.hear(messages)
            await desk.recorded()
            let told = try await entries(.agentState)
            let states = told.map { String(decoding: $0.data, as: UTF8.self) }
            #expect(states.count == 3 && told.allSatisfy { $0.agent == Extension("1007") && $0.feed == .agents })
            #expect(states[0].hasPrefix(#"{"extension":"1007","state":"available","campaign":"7","at":""#))
            #expect(states[1].contains(#""campaign":"8""#) && states[2].contains(#""state":"busy""#))
            #expect(try await log.entries(.agentFrames(Extension("1007")), after: nil, limit: 9).isEmpty)
            #expect(try await entries(.deadLetter).map(\.feed) == [.agents])
        }
    }

    @Test("a state out of the dead letters tells of then, and not of now")
    func oldState() async throws {
        try await withDesk { desk in
            await desk.hear([Self.status("busy")])
            let before = clock.now
            clock.advance(by: .seconds(600))
            let old = Self.status("offline").payload
            await desk.take(RequeuedNotification(raw: old, fetchedAt: before, feed: .agents).envelope)
            await desk.recorded()
            #expect(await desk.agentStates.values.map(\.status) == [.busy])
        }
    }

    @Test("while the log cannot be written so much is kept and no more; what is lost is counted")
    func noRoom() async throws {
        try await withDesk { desk in
            await log.failAppends(with: EventLogError(.full, "no space"))
            for batch in 0..<40 {
                await desk.hear((0..<256).map { Self.status("busy", of: "\(batch)-\($0)") })
            }
            let counters = await desk.counters
            let lost = counters.dropped[.channelRoom] ?? 0
            #expect(lost > 0 && counters.notifications + lost == 40 * 256)
            await log.failAppends(with: nil)
            await desk.giveUpWaiting()
        }
    }
}

extension TenantDesk {
    /// An element as it came from a list.
    fileprivate func take(_ raw: [UInt8], from feed: Feed, ageBound: Duration?) {
        raw.withUnsafeBytes { admit($0, feed: feed, ageBound: ageBound, at: now()) }
        wakeCommitter()
    }

    fileprivate func hear(_ messages: [ChannelMessage]) { take(channelMessages: messages, ageBound: .zero) }
}
