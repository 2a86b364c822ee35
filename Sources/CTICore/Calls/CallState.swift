/// The life of one call, event by event. Pure, and legal in whatever order, how often or how incompletely it is told.
///
///     calling ─▶ ringing ─▶ up ─▶ hangup          `calling`, `ringing`, `up` may be missing
///        │          │        │
///        └──────────┴─▶ abandon      up at another agent: transferred, the call goes on there
///
/// What follows from what was told before:
/// - an `abandon` of a call that was up is a `hangup`;
/// - a `ringing` after its own `up`, and anything after the end, is late: recorded, never popped;
/// - the same again is a repeat: not even recorded;
/// - a softphone knows its own telephone alone (``CallFacts/Reach/leg``): with it the call ends only where nobody else
///   has it, and goes on where it then rings, or is answered, elsewhere; it takes no call away from somebody who answered;
/// - the caller's data are those of the first event that had any: a second `up` names the agent who passes the call on.
///
/// Kept small, since a day's calls are remembered: moments that are not known are a number, not an optional.
public struct CallState: Hashable, Sendable {
    /// The last event that counted.
    public private(set) var last: CallEventKind
    /// Who has the call, or had it: where it was answered, else where it rang last.
    public private(set) var agent: Extension
    /// Other telephones at which it rings.
    public private(set) var ringing: [Extension] = []
    public private(set) var direction: CallDirection
    public private(set) var generation: PayloadGeneration
    public private(set) var caller: String
    private var dialedOrEmpty: String
    private var contactRefOrEmpty: String
    /// -1 where it is not known.
    private var hold: Int32
    private var ringingMoment = Self.never
    private var upMoment = Self.never
    private var endMoment = Self.never
    private var changedMoment: Int64
    /// One telephone alone told of the end: the call may yet go on at another.
    private var isEndedByLeg = false

    private static let never = Int64.min

    /// A call's first event that was heard of.
    ///
    /// - Parameters:
    ///   - now: when it happened.
    ///   - heard: when we were told, where that is another moment.
    public init(
        _ event: CallEvent, reach: CallFacts.Reach = .call, talkSeconds: Int? = nil, at now: Timestamp,
        heard: Timestamp? = nil
    ) {
        last = event.kind
        agent = event.extension
        direction = event.direction
        generation = event.generation
        caller = event.caller
        dialedOrEmpty = event.dialed ?? ""
        contactRefOrEmpty = event.contactRef ?? ""
        hold = event.holdSeconds.flatMap { Int32($0.digits) } ?? -1
        changedMoment = (heard ?? now).milliseconds
        isEndedByLeg = event.kind.isEnd && reach == .leg
        note(event.kind, talkSeconds: talkSeconds, at: now)
    }

    public var ringingAt: Timestamp? {
        get { Self.moment(ringingMoment) }
        set { ringingMoment = newValue?.milliseconds ?? Self.never }
    }
    public var upAt: Timestamp? {
        get { Self.moment(upMoment) }
        set { upMoment = newValue?.milliseconds ?? Self.never }
    }
    public var endedAt: Timestamp? {
        get { Self.moment(endMoment) }
        set { endMoment = newValue?.milliseconds ?? Self.never }
    }
    public var changedAt: Timestamp { Timestamp(milliseconds: changedMoment) }
    public var dialed: String? { dialedOrEmpty.isEmpty ? nil : dialedOrEmpty }
    public var contactRef: String? { contactRefOrEmpty.isEmpty ? nil : contactRefOrEmpty }
    public var holdSeconds: HoldSeconds? { hold < 0 ? nil : HoldSeconds(Int(hold)) }

    /// Nothing can bring it back.
    public var isOverForGood: Bool { isOver && !isEndedByLeg }

    private var isUp: Bool { upMoment != Self.never }
    private var isOver: Bool { endMoment != Self.never }

    private static func moment(_ milliseconds: Int64) -> Timestamp? {
        milliseconds == never ? nil : Timestamp(milliseconds: milliseconds)
    }
}

/// What an event means for its call.
public enum CallChange: Sendable, Hashable {
    /// The first of its kind for this call and agent.
    case new
    /// An `up` of the same call at another agent.
    case transferred(from: Extension)
    /// One telephone's part in the call is over; the call goes on, or rings elsewhere.
    case legEnded
    /// Known already: nothing is to be done.
    case repeated
    /// It comes too late to matter: recorded, never popped.
    case late
}

extension CallState {
    /// Takes a further event of the call.
    ///
    /// - Parameters:
    ///   - event: comes back as it counts: its kind corrected, with the agent who has the call and the caller's data.
    ///   - talkSeconds: how long the call was up, where the end tells it.
    ///   - now: when it happened.
    ///   - heard: when we were told, where that is another moment.
    /// - Returns: `leaving`: agents besides the event's own with whom the call no longer is.
    public mutating func take(
        _ event: inout CallEvent, reach: CallFacts.Reach = .call, talkSeconds: Int? = nil, at now: Timestamp,
        heard: Timestamp? = nil
    ) -> (change: CallChange, leaving: [Extension]) {
        if goesOn(with: event) { endMoment = Self.never }
        if isOver, event.kind.isEnd, reach == .call { isEndedByLeg = false }
        let change = change(for: event, reach: reach)
        var leaving: [Extension] = []
        switch change {
        case .repeated: return (change, [])
        case .late: break
        case .legEnded: leave(event)
        case .new, .transferred:
            if event.kind.isEnd { leaving = end(&event) } else { leaving = move(to: event) }
            note(event.kind, talkSeconds: talkSeconds, at: now)
            isEndedByLeg = event.kind.isEnd && reach == .leg
            last = event.kind
        }
        complete(&event)
        changedMoment = max(changedMoment, (heard ?? now).milliseconds)
        return (change, leaving)
    }

    /// A queue rings one telephone after another: that the first one's softphone told of its end ended nothing. What
    /// the same telephone tells after its end is late all the same.
    private func goesOn(with event: CallEvent) -> Bool {
        isOver && isEndedByLeg && !event.kind.isEnd && event.extension != agent
    }

    private func change(for event: CallEvent, reach: CallFacts.Reach) -> CallChange {
        if isOver { return event.kind.isEnd ? .repeated : .late }
        switch event.kind {
        case .calling, .ringing: return beginning(event)
        case .up: return answer(event, reach)
        case .hangup, .abandon: return ending(event, reach)
        }
    }

    private func beginning(_ event: CallEvent) -> CallChange {
        if ringing.contains(event.extension) { return .repeated }
        guard event.extension == agent else { return .new }
        if event.kind == last { return .repeated }
        return isUp || event.kind == .calling ? .late : .new
    }

    private func answer(_ event: CallEvent, _ reach: CallFacts.Reach) -> CallChange {
        guard isUp else { return .new }
        if event.extension == agent { return .repeated }
        // Where whoever had it has left, the next one to answer has it.
        if reach == .leg, !ringing.contains(event.extension), !last.isEnd { return .late }
        return .transferred(from: agent)
    }

    private func ending(_ event: CallEvent, _ reach: CallFacts.Reach) -> CallChange {
        guard reach == .leg else { return .new }
        if event.extension == agent {
            guard !ringing.isEmpty else { return .new }
            return last == event.kind ? .repeated : .legEnded
        }
        // A telephone that nobody has heard of, or which was told to have left, has nothing to end.
        return ringing.contains(event.extension) ? .legEnded : .late
    }

    /// It rings at one telephone less, and is with the others. Who passed it on is named until somebody answers.
    private mutating func leave(_ event: CallEvent) {
        if event.extension == agent, isUp { last = event.kind }
        if event.extension == agent, !isUp, let other = ringing.popLast() { agent = other }
        ringing.removeAll { $0 == event.extension }
    }

    /// The call rings at one more telephone, or was answered at this one: then it is nowhere else.
    private mutating func move(to event: CallEvent) -> [Extension] {
        let others = (ringing + [agent]).filter { $0 != event.extension }
        if event.kind == .up {
            ringing = []
            agent = event.extension
            return others
        }
        if isUp {
            // Being passed on: whoever has the call keeps it until the other one answers.
            ringing.append(event.extension)
        } else {
            // A telephone that was told to have left does not ring on.
            if !last.isEnd { ringing = others }
            agent = event.extension
        }
        return []
    }

    private mutating func end(_ event: inout CallEvent) -> [Extension] {
        if isUp {
            event.kind = .hangup
            event.extension = agent
        } else if event.extension != agent, !agent.rawValue.isEmpty {
            event.extension = agent
        }
        defer { ringing = [] }
        return ringing.filter { $0 != event.extension }
    }

    /// The original caller's data, where they are known.
    private mutating func complete(_ event: inout CallEvent) {
        if caller.isEmpty, dialedOrEmpty.isEmpty {
            (caller, direction) = (event.caller, event.direction)
        } else {
            (event.caller, event.direction) = (caller, direction)
        }
        if dialedOrEmpty.isEmpty { dialedOrEmpty = event.dialed ?? "" } else { event.dialed = dialed }
        if contactRefOrEmpty.isEmpty {
            contactRefOrEmpty = event.contactRef ?? ""
        } else {
            event.contactRef = contactRef
        }
        if event.holdSeconds == nil { event.holdSeconds = holdSeconds }
        if hold < 0 { hold = event.holdSeconds.flatMap { Int32($0.digits) } ?? -1 }
        if generation == .unknown { generation = event.generation } else { event.generation = generation }
    }

    /// An end that tells how long the call was up tells when it ended, or when it began where nobody heard of that.
    private mutating func note(_ kind: CallEventKind, talkSeconds: Int?, at now: Timestamp) {
        let moment = now.milliseconds
        let talk = talkSeconds.map { Int64(min(max(0, $0), 1 << 31)) * 1000 }
        switch kind {
        case .calling, .ringing:
            if ringingMoment == Self.never { ringingMoment = moment }
        case .up:
            if !isUp { upMoment = moment }
        case .hangup:
            if let talk, isUp {
                endMoment = min(moment, upMoment + talk)
            } else {
                endMoment = moment
                if let talk { upMoment = moment - talk }
            }
        case .abandon:
            endMoment = moment
        }
    }
}

extension CallState {
    /// Of a call that is over, nothing is needed but that it is.
    public mutating func forgetCaller() {
        (caller, dialedOrEmpty, contactRefOrEmpty) = ("", "", "")
    }

    /// Rings longer than anybody lets it ring, or talks longer than anybody talks: its end was not heard of.
    public func isOverdue(at now: Timestamp) -> Bool {
        guard !isOver else { return false }
        return now.milliseconds - changedMoment > (isUp ? Self.longestTalk : Self.longestRinging)
    }

    private static let longestTalk: Int64 = 4 * 3_600_000
    private static let longestRinging: Int64 = 15 * 60_000

    /// The end that nobody told of.
    public func silentEnd(of ref: CallRef) -> CallEvent {
        CallEvent(
            kind: .hangup, generation: generation, direction: direction, caller: caller, dialed: dialed,
            holdSeconds: holdSeconds, callRef: ref, contactRef: contactRef, extension: agent)
    }
}
