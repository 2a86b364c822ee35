/// One event of one call with all that is known of it: what every dialect is read into, and written from.
///
/// Moments in `call` are those that the vendor told, as far as it tells any.
public struct CallAccount: Hashable, Sendable {
    public var event: CallEventKind
    /// Its extension is empty where nobody is concerned: a caller who gave up in the queue.
    public var agent: Agent
    public var call: Call
    /// The one whom the call is about.
    public var contact: Contact?
    public var matches: [Contact]
    public var facts: CallFacts

    public init(
        event: CallEventKind, agent: Agent, call: Call, contact: Contact? = nil, matches: [Contact] = [],
        facts: CallFacts = CallFacts()
    ) {
        self.event = event
        self.agent = agent
        self.call = call
        self.contact = contact
        self.matches = matches
        self.facts = facts
    }
}

extension CallAccount {
    /// What an event alone tells, with nothing resolved.
    public init(_ event: CallEvent, facts: CallFacts = CallFacts()) {
        self.init(event: event.kind, agent: Agent(extension: event.extension), call: Call(event), facts: facts)
    }

    public init(_ frame: CallFrame, facts: CallFacts = CallFacts()) {
        self.init(
            event: frame.event, agent: frame.agent, call: frame.call, contact: frame.contact, matches: frame.matches,
            facts: facts)
    }

    /// The event as it is tracked and planned; what the vendor says beyond it stays in `facts`.
    public var callEvent: CallEvent {
        CallEvent(
            kind: event, generation: call.generation, direction: call.direction, caller: call.caller,
            dialed: call.dialed, holdSeconds: call.holdSeconds, callRef: call.ref, contactRef: call.contactRef,
            extension: agent.extension, campaign: call.campaign)
    }

    /// When it happened, by the vendor's clock; `nil` where it does not say.
    public var toldAt: Timestamp? {
        switch event {
        case .calling, .ringing: call.ringingAt
        case .up: call.upAt
        case .hangup, .abandon: call.endedAt
        }
    }
}

extension CallAccount {
    /// Whole seconds from the beginning (the queue's, else the ringing) to the answer, or to the end of a call that
    /// nobody answered.
    public var waitSeconds: Int? {
        facts.waitSeconds ?? call.holdSeconds?.value ?? facts.ringSeconds
            ?? Self.seconds(from: call.ringingAt, to: call.upAt ?? call.endedAt)
    }

    /// Whole seconds that the telephone rang.
    public var ringSeconds: Int? { facts.ringSeconds ?? Self.seconds(from: call.ringingAt, to: call.upAt) }

    /// Whole seconds from the answer to the end.
    public var talkSeconds: Int? { facts.talkSeconds ?? Self.seconds(from: call.upAt, to: call.endedAt) }

    /// Whole seconds from the beginning to the end.
    public var totalSeconds: Int? {
        if let total = facts.totalSeconds { return total }
        guard event.isEnd else { return nil }
        if event == .abandon { return waitSeconds }
        guard let waitSeconds, let talkSeconds else { return Self.seconds(from: call.ringingAt, to: call.endedAt) }
        let (total, overflow) = waitSeconds.addingReportingOverflow(talkSeconds)
        return overflow ? nil : total
    }

    /// Never negative: clocks are set back now and then.
    private static func seconds(from start: Timestamp?, to end: Timestamp?) -> Int? {
        guard let start, let end else { return nil }
        return Int(Swift.max(0, (end.milliseconds - start.milliseconds) / 1000))
    }
}
