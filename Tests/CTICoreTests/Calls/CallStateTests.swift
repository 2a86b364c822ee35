import CTICore
import Testing

/// The life of a call: what each event means, whatever was told before.
struct CallStateTests {
    private static let start = Timestamp(milliseconds: 1_795_255_200_000)

    private static func event(
        _ kind: CallEventKind, at agent: String = "1007", caller: String = "0821234567", dialed: String? = "0117654321",
        hold: Int? = nil
    ) -> CallEvent {
        CallEvent(
            kind: kind, generation: .v3, direction: .inbound, caller: caller, dialed: dialed,
            holdSeconds: hold.map { HoldSeconds($0) }, callRef: CallRef("c1"), contactRef: "A-17",
            extension: Extension(agent))
    }

    private static func second(_ count: Int) -> Timestamp { start.adding(.seconds(count)) }

    /// Takes events a second apart; the first makes the state.
    private struct Story {
        var state: CallState
        var changes: [CallChange] = [.new]
        var leaving: [[String]] = [[]]
        var events: [CallEvent]
        private var seconds = 0

        init(_ first: CallEvent, talk: Int? = nil) {
            state = CallState(first, talkSeconds: talk, at: CallStateTests.start)
            events = [first]
        }

        mutating func then(_ event: CallEvent, _ reach: CallFacts.Reach = .call, talk: Int? = nil) {
            seconds += 1
            var event = event
            let (change, left) = state.take(
                &event, reach: reach, talkSeconds: talk, at: CallStateTests.second(seconds))
            changes.append(change)
            leaving.append(left.map(\.rawValue))
            events.append(event)
        }
    }

    @Test("a call that rings, is answered and ends has its three moments")
    func whole() {
        var story = Story(Self.event(.calling))
        story.then(Self.event(.ringing))
        story.then(Self.event(.up))
        story.then(Self.event(.hangup))
        #expect(story.changes == [.new, .new, .new, .new])
        #expect(story.state.ringingAt == Self.start)
        #expect(story.state.upAt == Self.second(2))
        #expect(story.state.endedAt == Self.second(3))
        #expect(story.state.last == .hangup)
    }

    @Test("the same event again is a repeat and changes nothing", arguments: CallEventKind.allCases)
    func repeated(_ kind: CallEventKind) {
        var story = Story(Self.event(kind))
        let before = story.state
        story.then(Self.event(kind))
        #expect(story.changes.last == .repeated)
        #expect(story.state == before)
    }

    @Test("a second up at another agent goes on there, with the caller of the first")
    func transferred() {
        var story = Story(Self.event(.up, hold: 12))
        story.then(Self.event(.up, at: "1008", caller: "1007", dialed: nil))
        #expect(story.changes.last == .transferred(from: Extension("1007")))
        #expect(story.leaving.last == ["1007"])
        let event = story.events[1]
        #expect(event.caller == "0821234567" && event.dialed == "0117654321" && event.holdSeconds?.digits == "12")
        #expect(event.extension == Extension("1008"))
        #expect(story.state.upAt == Self.start, "the caller has been talking since the first answer")
        story.then(Self.event(.up, at: "1007", caller: "1008"))
        #expect(story.changes.last == .transferred(from: Extension("1008")))
    }

    @Test("a call that rings at several telephones is nowhere else once one of them answers")
    func rungAtMany() {
        var story = Story(Self.event(.ringing))
        story.then(Self.event(.ringing, at: "1008"))
        story.then(Self.event(.ringing, at: "1009"))
        story.then(Self.event(.up, at: "1008"))
        #expect(story.changes == [.new, .new, .new, .new])
        #expect(Set(story.leaving[3]) == ["1007", "1009"])
        #expect(story.state.ringing.isEmpty && story.state.agent == Extension("1008"))
    }

    @Test(
        "the end of a call that was never up stays what it was called; of one that was, it is a hangup, where it was up"
    )
    func end() {
        var rung = Story(Self.event(.ringing))
        rung.then(Self.event(.ringing, at: "1008"))
        rung.then(Self.event(.abandon, at: ""))
        #expect(rung.events[2].kind == .abandon && rung.events[2].extension == Extension("1008"))
        #expect(rung.leaving[2] == ["1007"])
        var answered = Story(Self.event(.up))
        answered.then(Self.event(.up, at: "1008"))
        answered.then(Self.event(.abandon, at: "1007"))
        #expect(answered.events[2].kind == .hangup && answered.events[2].extension == Extension("1008"))
        #expect(answered.state.last == .hangup)
    }

    @Test("an end that tells how long the call was up tells when it ended, or else when it began")
    func talkSeconds() {
        var late = Story(Self.event(.up))
        for _ in 0..<9 { late.then(Self.event(.ringing)) }
        late.then(Self.event(.hangup), talk: 4)
        #expect(late.state.endedAt == Self.second(4))
        var soon = Story(Self.event(.up))
        soon.then(Self.event(.hangup), talk: 95)
        #expect(soon.state.endedAt == Self.second(1), "never in the future")
        let unheard = Story(Self.event(.hangup), talk: 95)
        #expect(unheard.state.upAt == Self.second(-95) && unheard.state.endedAt == Self.start)
    }

    @Test("a softphone that stops ringing ends the call only where it rings nowhere else")
    func legs() {
        var story = Story(Self.event(.ringing))
        story.then(Self.event(.ringing, at: "1008"))
        story.then(Self.event(.abandon, at: "1008"), .leg)
        #expect(story.changes.last == .legEnded)
        #expect(story.state.agent == Extension("1007") && story.state.endedAt == nil)
        story.then(Self.event(.abandon, at: "1008"), .leg)
        #expect(story.changes.last == .late)
        story.then(Self.event(.abandon), .leg)
        #expect(story.changes.last == .new && story.state.last == .abandon && story.state.endedAt != nil)
    }

    @Test("a softphone neither ends nor takes a call that somebody else answered")
    func foreignLegs() {
        var story = Story(Self.event(.up))
        story.then(Self.event(.hangup, at: "1008"), .leg)
        story.then(Self.event(.up, at: "1008"), .leg)
        #expect(story.changes == [.new, .late, .late])
        #expect(story.state.agent == Extension("1007") && story.state.endedAt == nil)
        // Passed on to it, it may.
        story.then(Self.event(.ringing, at: "1008"), .leg)
        story.then(Self.event(.hangup), .leg)
        #expect(story.changes.suffix(2) == [.new, .legEnded])
        story.then(Self.event(.up, at: "1008"), .leg)
        #expect(story.changes.last == .transferred(from: Extension("1007")))
        story.then(Self.event(.hangup, at: "1008"), .leg)
        #expect(story.changes.last == .new && story.state.endedAt != nil)
    }

    @Test("a softphone's end is the call's only as long as nothing of it is told elsewhere; the PBX's is for good")
    func goesOn() {
        for kind in [CallEventKind.ringing, .up] {
            var story = Story(Self.event(.ringing))
            story.then(Self.event(.abandon), .leg)
            story.then(Self.event(.ringing), .leg)
            #expect(story.changes.last == .late && story.state.endedAt != nil && !story.state.isOverForGood)
            story.then(Self.event(kind, at: "1008", caller: "1007"), .leg)
            #expect(story.changes.last == .new && story.state.endedAt == nil)
            #expect(story.state.agent == Extension("1008") && story.state.ringing.isEmpty)
            #expect(story.events.last?.caller == "0821234567")
            story.then(Self.event(.hangup, at: "1008"), .leg)
            story.then(Self.event(.hangup))
            #expect(story.changes.suffix(2) == [.new, .repeated] && story.state.isOverForGood)
            story.then(Self.event(kind, at: "1009"))
            #expect(story.changes.last == .late && story.state.endedAt != nil)
        }
    }

    @Test("whoever answers after the other softphone has left has the call, though its ringing was not told")
    func takenOver() {
        var story = Story(Self.event(.up))
        story.then(Self.event(.hangup), .leg)
        story.then(Self.event(.up, at: "1008"), .leg)
        #expect(story.changes.last == .transferred(from: Extension("1007")))
        #expect(story.state.agent == Extension("1008") && story.state.endedAt == nil)
    }

    @Test("who withheld the number stays withheld; what was not known at first is filled in")
    func callersData() {
        var withheld = Story(Self.event(.ringing, caller: ""))
        withheld.then(Self.event(.up, caller: "1008"))
        #expect(withheld.events[1].caller == "")
        var unknown = Story(Self.event(.ringing, caller: "", dialed: nil))
        unknown.then(Self.event(.up))
        #expect(unknown.state.caller == "0821234567" && unknown.state.dialed == "0117654321")
    }

    /// Any order, repetition and loss: 6,000 stories of three telephones.
    @Test("whatever is told, the state is legal, an ended call stays ended, and nothing of it counts as new")
    func anything() {
        var generator = Generator(seed: 11)
        for _ in 0..<6_000 {
            var heard = Self.random(&generator)
            var state = CallState(heard.event, reach: heard.reach, at: Self.start)
            for step in 1..<10 {
                heard = Self.random(&generator)
                let before = state
                var event = heard.event
                let (change, leaving) = state.take(&event, reach: heard.reach, at: Self.second(step))
                Self.check(before, heard.event, event, change, leaving, state)
                let after = state
                var again = heard.event
                let second = state.take(&again, reach: heard.reach, at: Self.second(step)).change
                #expect(second == .repeated || second == .late, "\(heard.event.kind) twice in a row")
                #expect(second == .late || state == after)
            }
        }
    }

    private static func check(
        _ before: CallState, _ heard: CallEvent, _ event: CallEvent, _ change: CallChange, _ leaving: [Extension],
        _ state: CallState
    ) {
        #expect(!state.ringing.contains(state.agent))
        #expect(Set(state.ringing).count == state.ringing.count)
        #expect(!leaving.contains(event.extension))
        if let ended = before.endedAt, before.isOverForGood || event.kind.isEnd || heard.extension == before.agent {
            #expect(change == .late || change == .repeated)
            #expect(state.endedAt == ended && state.agent == before.agent)
        }
        if state.endedAt != nil { #expect(state.ringing.isEmpty) }
        // An end that is told again may be for good now.
        if change == .repeated { #expect(state == before || state.isOverForGood && !before.isOverForGood) }
        if change == .new || change != .late && change != .repeated && change != .legEnded {
            #expect((state.endedAt != nil) == event.kind.isEnd)
            #expect(event.kind != .up || state.agent == heard.extension && state.ringing.isEmpty)
            #expect(event.kind != .abandon || state.upAt == nil)
        }
        if let up = state.upAt, let ended = state.endedAt { #expect(up <= ended) }
        if let up = state.upAt, let ringing = state.ringingAt, before.upAt == nil { #expect(ringing <= up) }
        #expect(before.upAt == nil || state.upAt == before.upAt)
    }

    private static func random(_ generator: inout Generator) -> (event: CallEvent, reach: CallFacts.Reach) {
        let kind = CallEventKind.allCases.randomElement(using: &generator) ?? .up
        let agent = ["1007", "1008", "1009"].randomElement(using: &generator) ?? "1007"
        return (event(kind, at: agent), Bool.random(using: &generator) ? .leg : .call)
    }

    @Test("an up that comes after the end of its call is late, in every order of a call's events")
    func everyOrder() {
        let kinds: [CallEventKind] = [.calling, .ringing, .up, .hangup]
        for order in Self.orders(of: kinds) {
            var story = Story(Self.event(order[0]))
            for kind in order.dropFirst() { story.then(Self.event(kind)) }
            #expect(story.state.endedAt != nil)
            let end = order.firstIndex(of: .hangup) ?? 0
            for index in order.indices where index > end { #expect(story.changes[index] == .late) }
        }
    }

    private static func orders(of kinds: [CallEventKind]) -> [[CallEventKind]] {
        guard let first = kinds.first else { return [[]] }
        return orders(of: Array(kinds.dropFirst())).flatMap { rest in
            (0...rest.count).map { rest[..<$0] + [first] + rest[$0...] }
        }
    }
}

/// The same numbers in each run.
private struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}
