import CTICore
import Hiredis

extension TenantDesk {
    /// So many events wait for look-ups at most; beyond, nothing is fetched until some of them have gone.
    static let laneLimit = 256

    /// A question on its way to the look-up.
    struct LookupRequest: Sendable {
        let number: Int
        let context: PlanContext
    }

    /// Only a call that may still take a screen is worth asking for; the others are recorded with what is known here.
    func wantsLookup(_ event: CallEvent, change: CallChange, ageBound: Duration?) -> Bool {
        guard lookup != nil, !event.kind.isEnd, !event.caller.isEmpty || event.contactRef != nil else { return false }
        return !PlannedCall.isStale(change: change, ageBound: ageBound, freshFor: profile.freshFor)
    }

    /// Records that the event was received, so that its batch is done with, and lets it wait.
    ///
    /// - Parameter answer: of one that only keeps its place in line; `nil` for one that asks.
    func wait(_ happened: TrackedEvent, raw: [UInt8]?, answer: LookupAnswer?, at moment: Timestamp) {
        let event = happened.event
        let data = [UInt8].object {
            $0.member("event", event.kind.rawValue)
            $0.member("extension", event.extension.rawValue)
            $0.member("ageBoundMs", number: happened.ageBound.map { String($0.milliseconds) })
            $0.member("lookup", answer == nil ? "asked" : "waits for another")
        }
        outbox.add(
            LogEntry(
                kind: .received, agent: event.extension, ref: event.callRef, at: moment, data: data, raw: raw,
                trace: happened.notice?.receivedTrace),
            to: .nobody)
        let number = lanes.append(happened, fetchedAt: moment, answer: answer)
        guard answer == nil, let lookup else { return }
        counters.lookups += 1
        let context = PlanContext(event, planner: planner)
        let limit = lookup.timeout
        // Whatever becomes of the answer, the call goes on after this.
        loop.schedule(at: .now + limit) { [weak self] in
            self?.assumeIsolated { $0.settle(number, .timedOut(after: limit)) }
        }
        requests.continuation.yield(LookupRequest(number: number, context: context))
    }

    func ask(_ request: LookupRequest) async {
        guard let lookup else { return settle(request.number, .notAsked) }
        do throws(ContactLookupError) {
            settle(request.number, .contacts(try await lookup.contacts(for: request.context)))
        } catch {
            settle(request.number, .failed(error.description))
        }
    }

    /// An answer has come, or its time is over: those whom it held back go on.
    func settle(_ number: Int, _ answer: LookupAnswer) {
        let moment = now()
        let free = lanes.settle(number, answer)
        for waiting in free { decide(waiting, at: moment) }
        guard !free.isEmpty else { return }
        laneTurnedAt = .now
        if answer.isFailure { counters.lookupFailures += 1 }
        if lanes.count < Self.laneLimit / 2 { releaseHeldSources() }
        wakeCommitter()
    }

    private func decide(_ waiting: Lanes.Waiting, at moment: Timestamp) {
        var happened = waiting.happened
        // It may have ended meanwhile; its end stands behind it in the lane.
        if !happened.event.kind.isEnd, tracker[happened.event.callRef]?.endedAt != nil {
            happened.tracked.change = .late
        }
        happened.ageBound = happened.ageBound.grown(since: waiting.fetchedAt, until: moment)
        let planned = PlannedCall(
            happened.event, happened.tracked, ageBound: happened.ageBound, notice: happened.notice, planner: planner,
            contacts: contacts, found: chosenContacts[happened.event.callRef].map { [$0] } ?? waiting.answer?.found)
        let decision = CallDecision(planned, id: .random(), planner: planner)
        handle(decision, raw: nil, fetchedAt: waiting.fetchedAt, lookup: waiting.answer?.words, at: moment)
    }
}

extension Duration? {
    /// An age bound after a wait; a wall clock that was set back meanwhile makes nothing younger.
    func grown(since start: Timestamp, until end: Timestamp) -> Duration? { map { $0 + max(.zero, end.since(start)) } }
}
