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
        expect(tracker.change(event(.up), at: start), .new)
        expect(tracker.change(event(.up), at: start), .repeated)
    }

    @Test("an up at another agent is a transfer, and back again is another")
    mutating func transfer() {
        _ = tracker.change(event(.up), at: start)
        expect(tracker.change(event(.up, at: "1008"), at: start), .transferred(from: Extension("1007")))
        expect(tracker.change(event(.up, at: "1007"), at: start), .transferred(from: Extension("1008")))
    }

    @Test("whatever comes after the end is late, and never new")
    mutating func late() {
        _ = tracker.change(event(.up), at: start)
        expect(tracker.change(event(.hangup), at: start), .new)
        expect(tracker.change(event(.up), at: start), .late)
        expect(tracker.change(event(.ringing), at: start), .late)
        expect(tracker.change(event(.hangup), at: start), .repeated)
        #expect(tracker[CallRef("c1")]?.endedAt == start)
    }

    @Test("an up whose end came first is late")
    mutating func endFirst() {
        expect(tracker.change(event(.hangup), at: start), .new)
        expect(tracker.change(event(.up), at: start), .late)
    }

    @Test("a ringing after its up changes nothing of the call's times")
    mutating func ringingAfterUp() {
        _ = tracker.change(event(.up), at: start)
        expect(tracker.change(event(.ringing), at: start.adding(.seconds(1))), .late)
        #expect(tracker[CallRef("c1")]?.last == .up)
    }

    @Test("among many calls each is known by its own reference, whatever its length, before and after a purge")
    mutating func many() {
        // Beginnings of one text, and texts that differ in their last character alone.
        let long = String(repeating: "\0a", count: 40)
        let references = (1...80).map { String(long.prefix($0)) } + (0..<5000).map { "5f1c4e6a-call-\($0)" }
        for step in references.indices {
            expect(tracker.change(event(.up, references[step]), at: start.adding(.milliseconds(step))), .new)
        }
        for reference in references { expect(tracker.change(event(.up, reference), at: start), .repeated) }
        #expect(tracker.count == references.count)
        // The first eighty are too old by then.
        _ = tracker.change(event(.up, "last"), at: start.adding(.seconds(3600) + .milliseconds(80)))
        #expect(tracker.count == 5001)
        #expect(tracker[CallRef(references[79])] == nil)
        #expect(tracker[CallRef(references[80])]?.upAt == start.adding(.milliseconds(80)))
        expect(tracker.change(event(.hangup, references[5079]), at: start.adding(.seconds(3601))), .new)
    }

    @Test("a ringing that came late does not make a repeated up a new one after a restart")
    mutating func restoredLate() {
        for kind in [CallEventKind.up, .ringing] {
            let ringingAt = kind == .ringing ? start : nil
            tracker.restore(
                RecordedCall(event: event(kind), ringingAt: ringingAt, upAt: start, endedAt: nil), at: start)
        }
        expect(tracker.change(event(.up), at: start), .repeated)
    }

    @Test("a call without an end is over when nobody talks, or lets it ring, that long")
    mutating func silent() {
        _ = tracker.change(event(.up, "talks"), at: start)
        _ = tracker.change(event(.ringing, "rings"), at: start)
        _ = tracker.change(event(.up, "ended"), at: start)
        _ = tracker.change(event(.hangup, "ended"), at: start)
        #expect(tracker.silentEnds(at: start.adding(.seconds(900))).isEmpty)
        #expect(tracker.silentEnds(at: start.adding(.seconds(901))).map(\.callRef.rawValue) == ["rings"])
        let ends = tracker.silentEnds(at: start.adding(.seconds(4 * 3600 + 1)))
        #expect(ends.map(\.callRef.rawValue) == ["talks", "rings"])
        for end in ends { expect(tracker.change(end, at: start.adding(.seconds(14_402))), .new) }
        #expect(tracker.silentEnds(at: start.adding(.seconds(90_000))).isEmpty)
    }

    @Test("calls are forgotten by age")
    mutating func forgotten() {
        _ = tracker.change(event(.up), at: start)
        _ = tracker.change(event(.up, "c2"), at: start.adding(.seconds(7200)))
        #expect(tracker[CallRef("c1")] == nil)
        #expect(tracker.count == 1)
    }
}

extension CallTracker {
    fileprivate mutating func change(_ event: CallEvent, at now: Timestamp) -> CallChange {
        apply(event, at: now).change
    }
}

/// `#expect` cannot call what changes its subject, so that is called before.
private func expect(
    _ change: CallChange, _ expected: CallChange, sourceLocation: SourceLocation = #_sourceLocation
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
