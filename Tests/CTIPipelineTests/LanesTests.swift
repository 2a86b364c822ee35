import CTICore
import Testing

@testable import CTIPipeline

/// Order within a call and within an agent; nobody else waits.
struct LanesTests {
    private var lanes = Lanes()

    private func event(_ ref: String, _ agent: String, _ kind: CallEventKind = .up) -> CallEvent {
        CallEvent(
            kind: kind, generation: .v3, direction: .inbound, caller: "0821234567", callRef: CallRef(ref),
            extension: Extension(agent))
    }

    private mutating func add(_ event: CallEvent, _ answer: LookupAnswer? = nil) -> Int {
        let moment = Timestamp(milliseconds: 0)
        let tracked = CallTracker.Tracked(.new, CallState(event, at: moment))
        return lanes.append(
            TrackedEvent(event, tracked, ageBound: .zero), fetchedAt: moment, answer: answer)
    }

    private mutating func settle(_ number: Int, _ answer: LookupAnswer = .contacts([])) -> [String] {
        lanes.settle(number, answer).map { "\($0.event.callRef) \($0.event.kind.rawValue)" }
    }

    private func expect(_ gone: [String], _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(gone == expected, sourceLocation: sourceLocation)
    }

    @Test("agents do not wait for each other")
    mutating func independent() {
        let (first, second) = (add(event("c1", "1007")), add(event("c2", "1008")))
        #expect(!lanes.holdsBack(event("c3", "1009")))
        expect(settle(second), ["c2 up"])
        expect(settle(first), ["c1 up"])
        #expect(lanes.isEmpty)
    }

    @Test("a later answer does not overtake an earlier call of the same agent")
    mutating func sameAgent() {
        let (first, second) = (add(event("c1", "1007")), add(event("c2", "1007")))
        expect(settle(second), [])
        expect(settle(first), ["c1 up", "c2 up"])
    }

    @Test("events of one call keep their order, also at another agent")
    mutating func sameCall() {
        let first = add(event("c1", "1007"))
        #expect(lanes.holdsBack(event("c1", "1008", .hangup)))
        _ = add(event("c1", "1008"), .notAsked)
        _ = add(event("c9", "1008"), .notAsked)
        _ = add(event("c1", "1007", .hangup), .notAsked)
        expect(settle(first), ["c1 up", "c1 up", "c9 up", "c1 hangup"])
    }

    @Test("an answer that comes after its time was over changes nothing")
    mutating func late() {
        let (first, second) = (add(event("c1", "1007")), add(event("c2", "1008")))
        expect(settle(first, .timedOut(after: .milliseconds(800))), ["c1 up"])
        expect(settle(first), [])
        #expect(lanes.count == 1)
        expect(settle(second), ["c2 up"])
    }
}
