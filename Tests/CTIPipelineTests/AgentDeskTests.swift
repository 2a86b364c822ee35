import CTICore
import Testing

@testable import CTIPipeline

/// Who is shown what: one session, the right one, and what becomes of it.
struct AgentDeskTests {
    private var desk = AgentDesk()
    private let start = Timestamp(milliseconds: 1_000_000)
    private let first = SessionID("s1")
    private let second = SessionID("s2")
    private let third = SessionID("s3")

    private func frame(_ id: String, ref: String? = nil) -> CallFrame {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: "0821234567", callRef: CallRef(ref ?? id),
            extension: Extension("1007"))
        let action = Action.open(url: "https://crm.example/", mode: .newTab, rule: "r")
        return CallFrame(
            id: PopID(id), tenant: TenantID("acme") ?? .example, event: .up, agent: Agent(extension: event.extension),
            call: Call(event), actions: [action])
    }

    private mutating func want(_ id: String, limit: Int = 5) -> [AgentDesk.Output] {
        desk.want(frame(id), freshUntil: start.adding(.seconds(15)), limit: limit, at: start)
    }

    private func ack(_ id: String, _ outcome: AckOutcome, _ session: SessionID? = nil) -> PopAck {
        PopAck(id: PopID(id), outcome: outcome, session: session)
    }

    @Test("nobody there: missed, and held for the next log-in")
    mutating func offline() {
        expect(want("p"), ["missed p offline held"])
    }

    @Test("the newest session gets it where none was ever focused")
    mutating func newest() {
        _ = desk.open(first, at: start)
        _ = desk.open(second, at: start)
        expect(want("p"), ["pop p to s2"])
    }

    @Test("the focused session gets it; without one, the last focused")
    mutating func focused() {
        for session in [first, second, third] { _ = desk.open(session, at: start) }
        _ = desk.setState(.focused, of: first)
        _ = desk.setState(.focused, of: second)
        expect(first: want("p1"), is: "pop p1 to s2")
        _ = desk.setState(.hidden, of: second)
        expect(first: want("p2"), is: "pop p2 to s2")
        _ = desk.setState(.focused, of: first)
        expect(first: want("p3"), is: "pop p3 to s1")
    }

    @Test("a state of a session that does not exist is refused")
    mutating func unknownSession() {
        let isKnown = desk.setState(.focused, of: first)
        #expect(!isKnown)
    }

    @Test("no acknowledgement in 1.5 s: the next one; the last one keeps it")
    mutating func timeout() {
        _ = desk.open(first, at: start)
        _ = desk.open(second, at: start)
        _ = want("p")
        expect(desk.deliver(PopID("p"), to: second, at: start), "sent, wake at 1500")
        let early = start.adding(.milliseconds(1499))
        expect(desk.timeout(PopID("p"), at: early), [])
        let due = start.adding(.milliseconds(1500))
        expect(desk.timeout(PopID("p"), at: due), ["pop p to s1"])
        expect(desk.deliver(PopID("p"), to: first, at: due), "sent, wake at 3000")
        expect(desk.timeout(PopID("p"), at: due.adding(.milliseconds(1500))), [])
        #expect(desk.openPops == 1)
    }

    @Test("a pop that waits to be recorded is not passed on: nobody has seen it yet")
    mutating func notSentYet() {
        _ = desk.open(first, at: start)
        _ = desk.open(second, at: start)
        _ = want("p")
        let late = start.adding(.seconds(10))
        expect(desk.timeout(PopID("p"), at: late), [])
        expect(desk.deliver(PopID("p"), to: second, at: late), "sent, wake at 11500")
    }

    @Test("recorded after the call was fresh: missed, no screen is taken")
    mutating func recordedTooLate() {
        _ = desk.open(first, at: start)
        _ = want("p")
        expect(desk.deliver(PopID("p"), to: first, at: start.adding(.seconds(15))), "missed p stale")
        #expect(desk.openPops == 0)
    }

    @Test("recorded after it was cleared, or passed on: not sent")
    mutating func recordedInVain() {
        _ = desk.open(first, at: start)
        _ = desk.open(second, at: start)
        _ = want("p1")
        _ = desk.clear(CallRef("p1"), .ended)
        expect(desk.deliver(PopID("p1"), to: second, at: start), "dropped")
        _ = want("p2")
        expect(desk.close(second, at: start), ["pop p2 to s1"])
        expect(desk.deliver(PopID("p2"), to: second, at: start), "dropped")
        expect(desk.deliver(PopID("p2"), to: first, at: start), "sent, wake at 1500")
    }

    @Test("blocked: the next one at once; refused by all: missed, once, and still open for a click")
    mutating func blocked() {
        _ = desk.open(first, at: start)
        _ = desk.open(second, at: start)
        _ = want("p")
        expect(first: desk.acknowledge(ack("p", .blocked, second), at: start), is: "pop p to s1")
        expect(desk.acknowledge(ack("p", .blocked, first), at: start), ["missed p blocked"])
        expect(desk.acknowledge(ack("p", .blocked, first), at: start), [])
        expect(desk.acknowledge(ack("p", .shown, first), at: start), [])
        #expect(desk.openPops == 1)
    }

    @Test("an acknowledgement without a session counts for whoever holds the pop")
    mutating func anonymousAck() {
        _ = desk.open(first, at: start)
        _ = want("p")
        expect(desk.acknowledge(ack("p", .blocked), at: start), ["missed p blocked"])
    }

    @Test(
        "handled and dismissed clear it everywhere; a late acknowledgement is no error, an unknown one is",
        arguments: [
            AckOutcome.handled, .dismissed,
        ])
    func cleared(_ outcome: AckOutcome) {
        var desk = AgentDesk()
        _ = desk.open(first, at: start)
        _ = desk.want(frame("p"), freshUntil: start.adding(.seconds(15)), limit: 5, at: start)
        expect(desk.acknowledge(ack("p", outcome), at: start), ["clear p \(outcome.rawValue)"])
        expect(desk.acknowledge(ack("p", outcome), at: start), [])
        let unknown = desk.acknowledge(ack("unknown", outcome), at: start)
        #expect(unknown == nil)
        #expect(desk.openPops == 0)
    }

    @Test("beyond the limit of open pops a call is missed; a cleared one makes room")
    mutating func stacked() {
        _ = desk.open(first, at: start)
        for index in 1...2 { expect(first: want("p\(index)", limit: 2), is: "pop p\(index) to s1") }
        expect(want("p3", limit: 2), ["missed p3 stacked"])
        _ = desk.acknowledge(ack("p1", .handled), at: start)
        expect(first: want("p4", limit: 2), is: "pop p4 to s1")
    }

    @Test("the call's end clears its pops, and no others")
    mutating func ended() {
        _ = desk.open(first, at: start)
        _ = want("p1")
        _ = want("p2")
        expect(desk.clear(CallRef("p1"), .ended), ["clear p1 ended"])
        #expect(desk.openPops == 1)
    }

    @Test("a connection that breaks before the acknowledgement: sent again on resume while fresh")
    mutating func resumed() {
        _ = desk.open(first, at: start)
        _ = want("p")
        expect(desk.close(first, at: start), ["wake p at 15000"])
        let later = start.adding(.seconds(3))
        expect(desk.open(second, at: later), ["pop p to s2"])
    }

    @Test("and else missed, once its time is over")
    mutating func expired() {
        _ = desk.open(first, at: start)
        _ = want("p")
        _ = desk.close(first, at: start)
        expect(desk.timeout(PopID("p"), at: start.adding(.milliseconds(14_999))), [])
        expect(desk.timeout(PopID("p"), at: start.adding(.seconds(15))), ["missed p offline held"])
        #expect(desk.isIdle)
    }

    @Test("a session that closes passes its pop on to another")
    mutating func passedOn() {
        _ = desk.open(first, at: start)
        _ = desk.open(second, at: start)
        _ = want("p")
        expect(first: desk.close(second, at: start), is: "pop p to s1")
    }

    @Test("what was shown is not shown again to a session that comes later")
    mutating func shownStays() {
        _ = desk.open(first, at: start)
        _ = want("p")
        _ = desk.acknowledge(ack("p", .shown, first), at: start)
        expect(desk.close(first, at: start), [])
        expect(desk.open(second, at: start), [])
    }
}

extension TenantID {
    fileprivate static var example: TenantID { TenantID("example").unsafelyUnwrapped }
}

/// `#expect` cannot call what changes its subject, so that is called before.
private func expect(
    _ outputs: [AgentDesk.Output]?, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outputs?.words == words, sourceLocation: sourceLocation)
}

private func expect(
    first outputs: [AgentDesk.Output]?, is words: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outputs?.words.first == words, sourceLocation: sourceLocation)
}

private func expect(
    _ delivery: AgentDesk.Delivery, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    let told =
        switch delivery {
        case .send(let due): "sent, wake at \(due.milliseconds - 1_000_000)"
        case .missed(let output): [output].words[0]
        case .drop: "dropped"
        }
    #expect(told == words, sourceLocation: sourceLocation)
}

extension [AgentDesk.Output] {
    /// Short enough to be read in a test.
    fileprivate var words: [String] {
        map { output in
            switch output {
            case .pop(let pop, let session, _): "pop \(pop.frame.id) to \(session)"
            case .missed(let frame, let held):
                "missed \(frame.id) \(frame.reason?.rawValue ?? "")\(held ? " held" : "")"
            case .clear(let frame, let reason): "clear \(frame.id) \(reason.rawValue)"
            case .wake(let id, let due): "wake \(id) at \(due.milliseconds - 1_000_000)"
            }
        }
    }
}
