public import CTICore

/// What is known of the calls of one tenant, so that repeats, late events and transfers are told apart.
///
/// A pure value. A call is remembered for a day after its last event; what is forgotten counts as new.
public struct CallTracker: Sendable {
    /// An event as it counts for its call.
    struct Tracked: Sendable {
        var change: CallChange
        var ringingAt: Timestamp?
        var upAt: Timestamp?
        var endedAt: Timestamp?
        /// Agents besides the event's own with whom the call no longer is.
        var leaving: [Extension] = []

        init(_ change: CallChange, _ state: CallState, leaving: [Extension] = []) {
            self.change = change
            ringingAt = state.ringingAt
            upAt = state.upAt
            endedAt = state.endedAt
            self.leaving = leaving
        }

        /// Nothing happened to the call.
        init(_ change: CallChange, ringingAt: Timestamp?, upAt: Timestamp?, endedAt: Timestamp?) {
            self.change = change
            self.ringingAt = ringingAt
            self.upAt = upAt
            self.endedAt = endedAt
        }
    }

    private var calls = CallTable()
    private var lastPurge: Int64 = 0
    /// Calls are remembered so long after their last event; milliseconds.
    private let memory: Int64
    private static let purgeInterval: Int64 = 600_000

    public init(memory: Duration = .seconds(24 * 3600)) { self.memory = memory.milliseconds }

    public var count: Int { calls.count }

    public subscript(ref: CallRef) -> CallState? { calls.index(of: CallFingerprint(ref)).map { calls[$0].state } }

    /// - Returns: what the event means, and the event as it counts; see ``CallState/take(_:reach:talkSeconds:at:)``.
    public mutating func apply(
        _ event: CallEvent, facts: CallFacts? = nil, at now: Timestamp
    ) -> (change: CallChange, event: CallEvent) {
        var event = event
        let change = track(&event, facts: facts, at: now).change
        return (change, event)
    }

    /// - Parameter happenedAt: where it is known; else it is now. How long a call is remembered does not depend on it:
    ///   a sender's clock may be anything.
    mutating func track(
        _ event: inout CallEvent, facts: CallFacts? = nil, happenedAt: Timestamp? = nil, at now: Timestamp
    ) -> Tracked {
        purge(now.milliseconds)
        let fingerprint = CallFingerprint(event.callRef)
        let (reach, moment) = (facts?.reach ?? .call, happenedAt ?? now)
        guard let known = calls.index(of: fingerprint) else {
            let state = CallState(event, reach: reach, talkSeconds: facts?.talkSeconds, at: moment, heard: now)
            let tracked = Tracked(.new, state)
            calls.insert(fingerprint, event.callRef, consume state)
            return tracked
        }
        return calls.change(known) { record in
            let (change, leaving) = record.state.take(
                &event, reach: reach, talkSeconds: facts?.talkSeconds, at: moment, heard: now)
            defer { record.forgetIfOver() }
            return Tracked(change, record.state, leaving: leaving)
        }
    }

    /// Brings back what an earlier process recorded of a call, event by event.
    ///
    /// - Parameter moment: when it was recorded.
    mutating func restore(_ recorded: RecordedCall, at moment: Timestamp) {
        var event = recorded.event
        let fingerprint = CallFingerprint(event.callRef)
        guard let known = calls.index(of: fingerprint) else {
            var state = CallState(event, reach: recorded.reach, at: moment)
            recorded.setMoments(of: &state)
            return calls.insert(fingerprint, event.callRef, state)
        }
        calls.change(known) { record in
            let wasOver = record.state.isOverForGood
            _ = record.state.take(&event, reach: recorded.reach, at: moment)
            if !wasOver { recorded.setMoments(of: &record.state) }
            record.forgetIfOver()
        }
    }

    /// Calls of which nothing was heard for so long that they must be over, each with the end that is made up for it.
    func silentEnds(at now: Timestamp) -> [CallEvent] {
        var ends: [CallEvent] = []
        calls.withEach { record in
            guard !record.ref.isEmpty, record.state.isOverdue(at: now) else { return }
            ends.append(record.state.silentEnd(of: CallRef(record.ref)))
        }
        return ends
    }

    /// Calls that are not over. It walks over a day's calls: for once, not for each event.
    ///
    /// Where a PBX tells of no ends, every call of the last hours would be one: of those that an agent answered, only
    /// the newest is told.
    var underWay: [CallRef] {
        var (newest, others): ([Extension: CallTable.Record], [CallRef]) = ([:], [])
        calls.withEach { record in
            guard !record.ref.isEmpty, record.state.endedAt == nil else { return }
            guard record.state.upAt != nil else { return others.append(CallRef(record.ref)) }
            if let known = newest[record.state.agent], known.state.changedAt > record.state.changedAt { return }
            newest[record.state.agent] = record
        }
        return others + newest.values.map { CallRef($0.ref) }
    }

    private mutating func purge(_ now: Int64) {
        guard now - lastPurge > Self.purgeInterval else { return }
        lastPurge = now
        calls.filter { now - $0.state.changedAt.milliseconds <= memory }
    }
}

extension CallTable.Record {
    fileprivate mutating func forgetIfOver() {
        guard state.isOverForGood, !ref.isEmpty else { return }
        ref = ""
        state.forgetCaller()
    }
}

/// What a `call` entry of the log tells of its call.
struct RecordedCall {
    var event: CallEvent
    var ringingAt: Timestamp?
    var upAt: Timestamp?
    var endedAt: Timestamp?
    /// A telephone told of it, which knows of itself alone.
    var isOfLeg = false

    init(event: CallEvent, ringingAt: Timestamp?, upAt: Timestamp?, endedAt: Timestamp?) {
        self.event = event
        self.ringingAt = ringingAt
        self.upAt = upAt
        self.endedAt = endedAt
    }

    init(_ frame: CallFrame) {
        let call = frame.call
        self.init(
            event: CallAccount(frame).callEvent, ringingAt: call.ringingAt, upAt: call.upAt, endedAt: call.endedAt)
    }

    /// An end that did not end the call was one telephone's, too. Who told of anything else makes no difference any more.
    var reach: CallFacts.Reach { event.kind.isEnd && (endedAt == nil || isOfLeg) ? .leg : .call }

    func setMoments(of state: inout CallState) {
        state.ringingAt = ringingAt
        state.upAt = upAt
        state.endedAt = endedAt
    }
}
