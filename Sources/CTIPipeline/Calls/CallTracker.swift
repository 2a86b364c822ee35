public import CTICore

/// What is known of the calls of one tenant, so that repeats, late events and transfers are told apart.
///
/// A pure value. Calls that never end are forgotten by age; what is forgotten counts as new.
public struct CallTracker: Sendable {
    public struct State: Sendable, Hashable {
        public var agent: Extension
        public var last: CallEventKind
        public var ringingAt: Timestamp?
        public var upAt: Timestamp?
        public var endedAt: Timestamp?
        public var changedAt: Timestamp

        public init(agent: Extension, last: CallEventKind, changedAt: Timestamp) {
            self.agent = agent
            self.last = last
            self.changedAt = changedAt
        }
    }

    public enum Change: Sendable, Hashable {
        /// The first of its kind for this call and agent.
        case new
        /// An `up` of the same call at another agent.
        case transferred(from: Extension)
        /// Known already: nothing is to be done.
        case repeated
        /// An event of a call that has ended: recorded, never popped.
        case late
    }

    private var calls = CallTable()
    private var lastPurge: Int64 = 0
    /// Calls are remembered so long after their last event; milliseconds.
    private let memory: Int64
    private static let purgeInterval: Int64 = 600_000

    public init(memory: Duration = .seconds(24 * 3600)) { self.memory = memory.milliseconds }

    public var count: Int { calls.count }

    public subscript(ref: CallRef) -> State? { calls.index(of: CallFingerprint(ref)).map { calls[$0].state } }

    /// Brings back what an earlier process knew.
    public mutating func restore(_ frame: CallFrame) {
        let call = frame.call
        let moment = call.endedAt ?? call.upAt ?? call.ringingAt ?? Timestamp(milliseconds: 0)
        var state = State(agent: frame.agent.extension, last: frame.event, changedAt: moment)
        state.ringingAt = call.ringingAt
        state.upAt = call.upAt
        state.endedAt = call.endedAt
        let fingerprint = CallFingerprint(call.ref)
        guard let known = calls.index(of: fingerprint) else { return calls.insert(fingerprint, state) }
        // What came late changed nothing but the log.
        let before = calls[known].state
        if before.endedAt != nil, !frame.event.isEnd { return }
        if before.upAt != nil, frame.event == .ringing || frame.event == .calling { return }
        calls[known].state = state
    }

    public mutating func apply(_ event: CallEvent, at now: Timestamp) -> Change { track(event, at: now).change }

    /// As ``apply(_:at:)``, with what is known of the call then.
    mutating func track(_ event: CallEvent, at now: Timestamp) -> (change: Change, state: State) {
        purge(now.milliseconds)
        let fingerprint = CallFingerprint(event.callRef)
        guard let known = calls.index(of: fingerprint) else {
            var state = State(agent: event.extension, last: event.kind, changedAt: now)
            state.note(event.kind, at: now)
            calls.insert(fingerprint, state)
            return (.new, state)
        }
        var state = calls[known].state
        let change = state.change(for: event)
        guard change != .repeated else { return (.repeated, state) }
        if change != .late {
            state.agent = event.extension
            state.last = event.kind
        }
        state.note(event.kind, at: now)
        state.changedAt = now
        calls[known].state = state
        return (change, state)
    }

    private mutating func purge(_ now: Int64) {
        guard now - lastPurge > Self.purgeInterval else { return }
        lastPurge = now
        calls.filter { now - $0.changedAt <= memory }
    }
}

extension CallTracker.State {
    fileprivate func change(for event: CallEvent) -> CallTracker.Change {
        if event.kind == last, event.extension == agent { return .repeated }
        if endedAt != nil { return event.kind.isEnd ? .repeated : .late }
        if event.kind == .up, last == .up { return .transferred(from: agent) }
        // A ringing or calling that comes after its up is told too late to matter.
        if upAt != nil, event.kind == .ringing || event.kind == .calling { return .late }
        return .new
    }

    fileprivate mutating func note(_ kind: CallEventKind, at now: Timestamp) {
        switch kind {
        case .calling, .ringing: ringingAt = ringingAt ?? now
        case .up: upAt = upAt ?? now
        case .hangup, .abandon: endedAt = endedAt ?? now
        }
    }
}
