import CTICore
import Testing

@testable import CTIPipeline

struct CallTrackerTests {
    private var tracker = CallTracker(memory: .seconds(3600))
    private let start = Timestamp(milliseconds: 5_000_000_000)

    private func event(_ kind: CallEventKind, _ ref: String = "c1", at agent: String = "1007") -> CallEvent {
        CallEvent(
            kind: kind, generation: .v3, direction: .inbound, caller: "1", callRef: CallRef(ref),
            extension: Extension(agent))
    }

    @Test("a call that is seen twice is told as repeated")
    mutating func repeated() {
        expect(tracker.apply(event(.up), at: start), .new)
        expect(tracker.apply(event(.up), at: start), .repeated)
    }

    @Test("an up at another agent is a transfer, and back again is another")
    mutating func transfer() {
        _ = tracker.apply(event(.up), at: start)
        expect(tracker.apply(event(.up, at: "1008"), at: start), .transferred(from: Extension("1007")))
        expect(tracker.apply(event(.up, at: "1007"), at: start), .transferred(from: Extension("1008")))
    }

    @Test("whatever comes after the end is late, and never new")
    mutating func late() {
        _ = tracker.apply(event(.up), at: start)
        expect(tracker.apply(event(.hangup), at: start), .new)
        expect(tracker.apply(event(.up), at: start), .late)
        expect(tracker.apply(event(.ringing), at: start), .late)
        expect(tracker.apply(event(.hangup), at: start), .repeated)
        #expect(tracker[CallRef("c1")]?.endedAt == start)
    }

    @Test("an up whose end came first is late")
    mutating func endFirst() {
        expect(tracker.apply(event(.hangup), at: start), .new)
        expect(tracker.apply(event(.up), at: start), .late)
    }

    @Test("a ringing after its up changes nothing of the call's times")
    mutating func ringingAfterUp() {
        _ = tracker.apply(event(.up), at: start)
        expect(tracker.apply(event(.ringing), at: start.adding(.seconds(1))), .late)
        #expect(tracker[CallRef("c1")]?.last == .up)
    }

    @Test("any order of events leaves a legal state, and an ended call never counts as new again")
    func anyOrder() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            var tracker = CallTracker()
            var hasEnded = false
            for step in 0..<8 {
                let kind = CallEventKind.allCases.randomElement(using: &generator) ?? .up
                let agent = ["1007", "1008"].randomElement(using: &generator) ?? "1007"
                let change = tracker.apply(event(kind, at: agent), at: start.adding(.seconds(step)))
                if hasEnded { #expect(change == .late || change == .repeated) }
                hasEnded = hasEnded || kind.isEnd
                #expect((tracker[CallRef("c1")]?.endedAt != nil) == hasEnded)
            }
        }
    }

    @Test("among many calls each is known by its own reference, whatever its length, before and after a purge")
    mutating func many() {
        // Beginnings of one text, and texts that differ in their last character alone.
        let long = String(repeating: "\0a", count: 40)
        let references = (1...80).map { String(long.prefix($0)) } + (0..<5000).map { "5f1c4e6a-call-\($0)" }
        for step in references.indices {
            expect(tracker.apply(event(.up, references[step]), at: start.adding(.milliseconds(step))), .new)
        }
        for reference in references { expect(tracker.apply(event(.up, reference), at: start), .repeated) }
        #expect(tracker.count == references.count)
        // The first eighty are too old by then.
        _ = tracker.apply(event(.up, "last"), at: start.adding(.seconds(3600) + .milliseconds(80)))
        #expect(tracker.count == 5001)
        #expect(tracker[CallRef(references[79])] == nil)
        #expect(tracker[CallRef(references[80])]?.upAt == start.adding(.milliseconds(80)))
        expect(tracker.apply(event(.hangup, references[5079]), at: start.adding(.seconds(3601))), .new)
    }

    @Test("a ringing that came late does not make a repeated up a new one after a restart")
    mutating func restoredLate() throws {
        for kind in [CallEventKind.up, .ringing] {
            var call = Call(event(kind))
            call.ringingAt = kind == .ringing ? start : nil
            call.upAt = start
            tracker.restore(
                CallFrame(
                    id: PopID("p"), tenant: try #require(TenantID("acme")), event: kind,
                    agent: Agent(extension: Extension("1007")), call: call))
        }
        expect(tracker.apply(event(.up), at: start), .repeated)
    }

    @Test("calls are forgotten by age")
    mutating func forgotten() {
        _ = tracker.apply(event(.up), at: start)
        _ = tracker.apply(event(.up, "c2"), at: start.adding(.seconds(7200)))
        #expect(tracker[CallRef("c1")] == nil)
        #expect(tracker.count == 1)
    }
}

/// `#expect` cannot call what changes its subject, so that is called before.
private func expect(
    _ change: CallTracker.Change, _ expected: CallTracker.Change, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(change == expected, sourceLocation: sourceLocation)
}

/// The same numbers in each run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
