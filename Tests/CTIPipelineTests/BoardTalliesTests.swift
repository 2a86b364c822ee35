import CTICore
import Testing

@testable import CTIPipeline

/// What the last hour of a log comes to: by queue, by pop, missed.
struct BoardTalliesTests {
    private let start = Timestamp(milliseconds: 1_795_255_200_000)

    /// Entries as a desk writes them, one position after the other.
    private struct Story {
        var tallies = BoardTallies()
        var now: Timestamp
        private var position: Int64 = 0

        init(at now: Timestamp) { self.now = now }

        mutating func add(
            _ kind: LogEntry.Kind, ref: String = "c1", agent: String = "1007", trace: String? = nil, _ data: [UInt8]
        ) {
            position += 1
            let entry = LogEntry(
                kind: kind, agent: Extension(agent), ref: CallRef(ref), at: now, data: data,
                trace: trace.map { Array($0.utf8) })
            tallies.take(RecordedEntry(position: Position(position), entry: entry), at: now)
        }

        mutating func call(
            _ event: CallEventKind, _ ref: String = "c1", queue: String? = "Sales", hold: Int? = nil,
            direction: CallDirection = .inbound, rangFor: Duration? = nil, up: Bool = false, ended: Bool = false
        ) {
            var call = Call(
                CallEvent(
                    kind: event, generation: .v3, direction: direction, caller: "0821234567",
                    holdSeconds: hold.map { HoldSeconds($0) }, callRef: CallRef(ref), extension: Extension("1007")),
                queue: queue)
            call.ringingAt = rangFor.map { now.adding(.zero - $0) }
            call.upAt = up || event == .up ? now : nil
            call.endedAt = ended ? now : nil
            add(.call, ref: ref, Self.frame(event, call).bytes)
        }

        mutating func missed(_ reason: CallFrame.MissedReason, pop: String = "p1", trace: String? = nil) {
            let event = CallEvent(
                kind: .up, generation: .v3, direction: .inbound, caller: "0821234567", callRef: CallRef("c1"),
                extension: Extension("1007"))
            var frame = Self.frame(.up, Call(event, queue: "Sales"), id: pop)
            frame.reason = reason
            add(.missed, trace: trace, frame.bytes)
        }

        mutating func word(_ kind: LogEntry.Kind, _ json: String) { add(kind, Array(json.utf8)) }
        mutating func pop(_ id: String) { word(.pop, #"{"id":"\#(id)","tenant":"acme"}"#) }
        mutating func ack(_ id: String, _ outcome: String) { word(.ack, #"{"id":"\#(id)","outcome":"\#(outcome)"}"#) }
        mutating func clear(_ id: String, _ why: String) {
            word(.clear, #"{"id":"\#(id)","ref":"c1","reason":"\#(why)"}"#)
        }

        var sales: QueueTally { tallies.queues["Sales"]?.total ?? QueueTally() }

        private static func frame(_ event: CallEventKind, _ call: Call, id: String = "p1") -> CallFrame {
            CallFrame(
                id: PopID(id), tenant: .acme, event: event,
                agent: Agent(extension: Extension("1007"), name: "John \"Doe\""), call: call,
                contact: Contact(id: "17", name: "Ada"))
        }
    }

    @Test func aCallCountsOnceHoweverOftenItIsTold() {
        var story = Story(at: start)
        story.call(.ringing)
        story.call(.up, hold: 12)
        story.call(.up, hold: 12)
        story.call(.hangup, up: true, ended: true)
        #expect(story.sales.offered == 1)
        #expect(story.sales.answered == 1)
        #expect(story.sales.abandoned == 0)
        #expect(story.sales.averageWait == 12)
    }

    @Test func aCallThatWasNeverUpWasGivenUp() {
        var story = Story(at: start)
        story.call(.ringing)
        // One telephone stops ringing; the call goes on.
        story.call(.hangup)
        #expect(story.sales.abandoned == 0)
        story.call(.abandon, ended: true)
        #expect(story.sales.abandoned == 1)
        #expect(story.sales.serviceLevel == 0)
    }

    @Test func waitsMakeAverageNinetiethAndServiceLevel() {
        var story = Story(at: start)
        for (index, wait) in [1, 2, 3, 4, 5, 6, 7, 20, 21, 100].enumerated() {
            story.call(.up, "c\(index)", hold: wait)
        }
        #expect(story.sales.averageWait == 16.9)
        #expect(story.sales.ninetiethPercentile == 21)
        #expect(story.sales.serviceLevel == 0.8)
    }

    @Test func whereThePBXTellsNoWaitTheRingingDoes() {
        var story = Story(at: start)
        story.call(.up, rangFor: .seconds(9))
        #expect(story.sales.averageWait == 9)
        story.call(.up, "c2")
        #expect(story.sales.averageWait == 9, "nothing is known of the other")
        #expect(story.sales.answered == 2)
    }

    @Test func outboundCallsAreInNoQueue() {
        var story = Story(at: start)
        story.call(.up, direction: .outbound)
        #expect(story.tallies.queues.isEmpty)
        story.call(.up, "c2", queue: nil)
        #expect(story.tallies.queues[""]?.total.offered == 1)
    }

    @Test func afterAnHourItIsForgotten() {
        var story = Story(at: start)
        story.call(.up, hold: 5)
        story.missed(.offline)
        story.now = start.adding(.seconds(59 * 60))
        story.call(.up, "c2", hold: 7)
        var hasChanged = story.tallies.expire(at: story.now)
        #expect(!hasChanged)
        #expect(story.sales.offered == 2)
        story.now = start.adding(.seconds(60 * 60))
        hasChanged = story.tallies.expire(at: story.now)
        #expect(hasChanged)
        #expect(story.sales.offered == 1)
        #expect(story.sales.averageWait == 7)
        #expect(story.tallies.missed.isEmpty)
        #expect(story.tallies.pops.total == PopTally())
        story.now = start.adding(.seconds(2 * 3600))
        story.tallies.expire(at: story.now)
        #expect(story.tallies.queues.isEmpty)
    }

    @Test func whatIsOlderThanAnHourIsNotCounted() {
        var story = Story(at: start)
        story.call(.up)
        var late = BoardTallies()
        let entry = LogEntry(kind: .pop, at: start, data: Array(#"{"id":"p"}"#.utf8))
        late.take(RecordedEntry(position: Position(1), entry: entry), at: start.adding(.seconds(3600)))
        #expect(late.pops.total.pops == 0)
    }

    @Test func aPopCountsWithWhatWasSaidLast() {
        var story = Story(at: start)
        for pop in ["a", "b", "c", "d", "e", "f"] { story.pop(pop) }
        #expect(story.tallies.pops.total.outcomes == [.open: 6])
        for pop in ["a", "b"] { story.ack(pop, "shown") }
        story.ack("a", "handled")
        story.clear("a", "handled")
        story.clear("b", "ended")
        story.ack("c", "blocked")
        story.clear("d", "ended")
        story.missed(.stale, pop: "e")
        // Offered to the next page, which shows it.
        story.pop("f")
        story.ack("f", "shown")
        story.ack("never offered", "handled")
        let expected: [PopTally.Outcome: Int] = [.handled: 1, .shown: 2, .blocked: 1, .silent: 1, .missed: 1]
        #expect(story.tallies.pops.total.outcomes.filter { $0.value != 0 } == expected)
        #expect(story.tallies.pops.total.pops == 6)
        #expect(story.tallies.pops.total.handledShare == 1.0 / 6)
    }

    @Test func missedCallsTellWhyAndOnce() throws {
        var story = Story(at: start)
        story.missed(.offline, pop: "a")
        story.missed(.offline, pop: "a", trace: #"{"handedOver":17,"at":"x"}"#)
        story.missed(.unanswered, pop: "b")
        #expect(story.tallies.pops.total.missed == ["offline": 1, "unanswered": 1])
        #expect(story.tallies.pops.total.pops == 1, "a call that rang asked for no screen")
        let row = try #require(story.tallies.missed.first)
        #expect(row.call.reason == "offline")
        #expect(row.call.caller == "0821234567")
        // The name has quotation marks in it, so the frame was parsed.
        #expect(row.call.agentName == "John \"Doe\"")
        #expect(row.call.contactName == "Ada")
        #expect(row.call.queue == "Sales")
    }

    @Test func onlyTheNewestMissedAreListed() {
        var story = Story(at: start)
        for number in 0..<150 { story.missed(.offline, pop: "p\(number)") }
        #expect(story.tallies.missed.map(\.position.rawValue) == Array(51...150))
        #expect(story.tallies.pops.total.missedCalls == 150)
    }

    @Test func aFullMemoryForgetsItsOldestMinute() {
        var memory = HourMemory<Int, Int>(limit: 2)
        for key in 0..<3 { memory.note(key, of: key, at: start.adding(.seconds(60 * Int64(key)))) }
        #expect(memory[0] == nil)
        #expect(memory[1]?.note == 1)
        #expect(memory.count == 2)
    }
}

extension TenantID {
    fileprivate static let acme = TenantID("acme") ?? never
    private static var never: TenantID { preconditionFailure("acme is a tenant's name") }
}
