import CTICore
import Hiredis
import Logging

extension TenantDesk: NotificationConsumer {
    public func take(_ batch: NotificationBatch, from source: RedisListSource) {
        let moment = now()
        counters.notifications += batch.count
        let feed = source.feed
        lists.inHand(of: feed).hold(batch, at: moment)
        batch.withEach { admit($0, feed: feed, ageBound: batch.ageBound, at: moment) }
        // All of them were known already: there is nothing to wait for.
        guard !outbox.isEmpty else { return goOn([source]) }
        outbox.resumeAfterwards(source, count: batch.count)
        wakeCommitter()
    }

    public func newestRecorded(limit: Int, feed: Feed) async -> [[UInt8]] {
        if let left = lists.inHand(of: feed).contents(), left.isRecorded { return left.notifications }
        // A log that cannot be read now makes repeats, which are recognised call by call.
        let entries = try? await log.newestNotifications(limit: limit, feed: feed)
        return entries?.compactMap(\.entry.raw) ?? []
    }

    /// One notification as it came; only the inbound list's go the way that is made for speed.
    func admit(
        _ bytes: UnsafeRawBufferPointer, feed: Feed = .inbound, ageBound: Duration?, at moment: Timestamp
    ) {
        Failpoint.handling(bytes)
        guard feed == .inbound else { return admit(Array(bytes), of: feed, ageBound: ageBound, at: moment) }
        do throws(DecodeFailure) {
            let event = try decoder.decode(bytes)
            admit(event, raw: Array(bytes), ageBound: ageBound, at: moment)
        } catch {
            // Never a call, so that it is looked for here costs calls nothing.
            if let requeued = RequeuedNotification(envelope: bytes) { return admit(requeued, at: moment) }
            keep(Array(bytes), because: error, at: moment)
        }
    }

    /// As old as it is, however short a time it was in the list.
    private func admit(_ requeued: RequeuedNotification, at moment: Timestamp) {
        let age = max(.zero, moment.since(requeued.fetchedAt))
        do throws(DecodeFailure) {
            guard requeued.feed == .inbound else {
                return try handle(requeued.raw, of: requeued.feed, ageBound: age, at: moment)
            }
            admit(try decoder.decode(requeued.raw), raw: requeued.raw, ageBound: age, at: moment)
        } catch {
            // It keeps its age, so that it can be pushed again once more.
            keep(requeued.raw, of: requeued.feed, because: error, at: requeued.fetchedAt)
        }
    }

    func keep(_ raw: [UInt8], of feed: Feed = .inbound, because failure: DecodeFailure, at moment: Timestamp) {
        counters.deadLetters[failure.code.rawValue, default: 0] += 1
        counters.handled.add(.deadLetter)
        outbox.add(.deadLetter(failure, raw: raw, feed: feed, at: moment), to: .nobody)
        sayDeadLetter(failure.code)
    }

    /// What somebody posted. The sender's own telling of when it happened counts where it is a server; an agent's
    /// machine may have any clock.
    ///
    /// - Parameter ageBound: at most so long ago it was sent off.
    func admit(_ posted: PostedEvent, ageBound: Duration? = .zero, at moment: Timestamp) {
        let account = posted.account
        let told = posted.feed == .phone ? nil : account.toldAt.map { min($0, moment) }
        let notice = Notice(account, dialect: posted.dialect, feed: posted.feed)
        let age = told.map { moment.since($0) } ?? .zero
        admit(
            account.callEvent, raw: posted.raw, notice: notice, ageBound: ageBound.map { max($0, age) },
            happenedAt: told, at: moment)
    }

    /// A call event from wherever it came.
    ///
    /// - Parameters:
    ///   - raw: what came; `nil` where nothing did.
    ///   - happenedAt: where it is known; else it is now.
    func admit(
        _ event: consuming CallEvent, raw: [UInt8]?, notice: Notice? = nil, ageBound: Duration?,
        happenedAt: Timestamp? = nil, at moment: Timestamp
    ) {
        let tracked = tracker.track(&event, facts: notice?.facts, happenedAt: happenedAt, at: moment)
        // Nothing changes it any more: so it is not copied for each of those who look at it.
        let event = consume event
        guard tracked.change != .repeated else {
            return counters.handled.add(.repeated, event.generation)
        }
        var answer: LookupAnswer? = .notAsked
        let chosen = chosenContacts.isEmpty ? nil : chosenContacts[event.callRef]
        if chosen == nil, let lookup, wantsLookup(event, change: tracked.change, ageBound: ageBound) {
            answer = lookup.known(for: PlanContext(event, planner: planner))
        }
        if answer == nil || !lanes.isEmpty && lanes.holdsBack(event) {
            let happened = TrackedEvent(event, tracked, ageBound: ageBound, notice: notice)
            return wait(happened, raw: raw, answer: answer, at: moment)
        }
        let planned = PlannedCall(
            event, tracked, ageBound: ageBound, notice: notice, planner: planner, contacts: contacts,
            found: chosen.map { [$0] } ?? answer?.found)
        let decision = CallDecision(planned, id: .random(), planner: planner)
        handle(decision, raw: raw, fetchedAt: moment, lookup: answer?.words, at: moment)
    }

    /// Records a decision and does what it asks for. `raw` is `nil` where the notification is in the log already.
    func handle(
        _ decision: CallDecision, raw: [UInt8]?, fetchedAt: Timestamp, lookup: String? = nil, at moment: Timestamp
    ) {
        tell(decision)
        let agent = decision.frame.agent.extension
        let trace = decision.trace(
            fetchedAt: fetchedAt, sessions: agents[agent]?.sessionStates ?? [], lookup: lookup,
            masked: profile.masksNumbers)
        recordCall(decision, raw: raw, trace: trace, at: moment)
        tellBoards(decision, at: moment)
        let isEnd = decision.frame.event.isEnd
        for former in decision.leaving { takeAway(decision.frame, from: former, isEnd ? .ended : .transferred, moment) }
        if isEnd { clear(decision.frame.call.ref, at: agent, .ended, moment) }
        forgetChoice(of: decision.frame.call.ref, after: decision.frame.event)
        show(decision, at: moment)
        if decision.isUnanswered { tellUnanswered(decision, at: moment) }
    }

    /// Every page of an agent is told that the call is gone, also where no pop of it is open any more.
    private func takeAway(
        _ frame: CallFrame, from agent: Extension, _ reason: AgentDesk.ClearReason, _ moment: Timestamp
    ) {
        let outputs = agents[agent]?.clear(frame.call.ref, reason) ?? []
        perform(outputs.isEmpty ? [.clear(frame, reason)] : outputs, agent: agent, at: moment)
        if agents[agent]?.isIdle == true { agents[agent] = nil }
    }

    private func tellUnanswered(_ decision: CallDecision, at moment: Timestamp) {
        var frame = decision.visibleFrame(masked: profile.masksNumbers)
        for agent in [frame.agent.extension] + decision.leaving where !agent.rawValue.isEmpty {
            frame.agent = planner.agent(at: agent)
            perform([(agents[agent] ?? AgentDesk()).miss(frame, .unanswered)], agent: agent, at: moment)
        }
    }

    /// Ends the calls whose end nobody has told of.
    func endSilentCalls(at moment: Timestamp) {
        for event in tracker.silentEnds(at: moment) {
            var facts = CallFacts()
            facts.endReason = .silence
            let notice = Notice(CallAccount(event, facts: facts), dialect: .ctid, feed: .clock)
            admit(event, raw: nil, notice: notice, ageBound: .zero, at: moment)
        }
        if !outbox.isEmpty { wakeCommitter() }
    }

    func recordCall(_ decision: CallDecision, raw: [UInt8]?, trace: [UInt8], at moment: Timestamp) {
        let frame = decision.visibleFrame(masked: profile.masksNumbers)
        let agent = frame.agent.extension.rawValue.isEmpty ? nil : frame.agent.extension
        let entry = LogEntry(
            kind: .call, agent: agent, ref: frame.call.ref, at: moment, data: frame.bytes, raw: raw,
            trace: trace)
        outbox.add(entry, to: agent.map { .everySession($0) } ?? .nobody)
        guard !decision.isChoice else { return }
        counters.handled.add(decision.frame.stale ? .stale : .planned, frame.call.generation)
    }

    private func tellBoards(_ decision: CallDecision, at moment: Timestamp) {
        for action in decision.plan.actions {
            guard case .realtime(let app, let reference, let url, _) = action else { continue }
            var json = JSONWriter(capacity: 512)
            XCallyEncoder(decision.account)
                .writeRealtime(app: app, reference: reference, url: url, at: moment, to: &json)
            let ref = decision.frame.call.ref
            outbox.add(LogEntry(kind: .realtime, ref: ref, at: moment, data: json.bytes), to: .boards)
        }
    }

    func show(_ decision: CallDecision, at moment: Timestamp) {
        let frame = decision.visibleFrame(masked: profile.masksNumbers)
        let agent = frame.agent.extension
        if decision.isMissedForAge {
            perform([agents[agent, default: AgentDesk()].miss(frame, .stale)], agent: agent, at: moment)
        } else if decision.wantsScreen {
            let age = decision.ageBound ?? .zero
            let outputs = agents[agent, default: AgentDesk()].want(
                frame, freshUntil: moment.adding(profile.freshFor - age), limit: profile.stackedPops, at: moment)
            perform(outputs, agent: agent, at: moment)
        }
        if agents[agent]?.isIdle == true { agents[agent] = nil }
    }

    private func clear(_ ref: CallRef, at agent: Extension, _ reason: AgentDesk.ClearReason, _ moment: Timestamp) {
        guard let outputs = agents[agent]?.clear(ref, reason) else { return }
        perform(outputs, agent: agent, at: moment)
    }

    /// Puts what an agent's desk asked for into the outbox, in its order.
    func perform(_ outputs: [AgentDesk.Output], agent: Extension, at moment: Timestamp) {
        for output in outputs {
            switch output {
            case .pop(let pop, let session, let preference):
                counters.popsOffered += 1
                let trace = [UInt8].object {
                    $0.member("session", session.rawValue)
                    $0.member("because", preference.rawValue)
                    $0.member("freshUntilMs", pop.freshUntil.milliseconds)
                }
                let entry = LogEntry(
                    kind: .pop, agent: agent, ref: pop.frame.call.ref, at: moment, data: pop.frame.bytes, trace: trace)
                outbox.add(entry, to: .session(session, pop: pop.frame.id, of: agent))
            case .missed(let frame, let held):
                if let reason = frame.reason { counters.missed[reason, default: 0] += 1 }
                let entry = LogEntry(
                    kind: .missed, agent: agent, ref: frame.call.ref, at: moment, data: frame.bytes, held: held)
                outbox.add(entry, to: .everySession(agent))
            case .clear(let frame, let reason):
                let data = [UInt8].object {
                    $0.member("id", frame.id.rawValue)
                    $0.member("ref", frame.call.ref.rawValue)
                    $0.member("reason", reason.rawValue)
                }
                let entry = LogEntry(kind: .clear, agent: agent, ref: frame.call.ref, at: moment, data: data)
                outbox.add(entry, to: .everySession(agent))
            case .wake(let pop, let due):
                scheduleWake(pop, agent: agent, in: due.since(moment))
            }
        }
        if !outbox.isEmpty { wakeCommitter() }
    }

    func scheduleWake(_ pop: PopID, agent: Extension, in delay: Duration) {
        loop.schedule(at: .now + delay) { [weak self] in
            self?.assumeIsolated { desk in
                // Rounded to milliseconds, the moment may not quite have come.
                let moment = desk.now().adding(.milliseconds(1))
                if case .offered(_, let until?) = desk.agents[agent]?.pops[pop]?.stage, until <= moment {
                    desk.counters.pops[.unacknowledged, default: 0] += 1
                }
                guard let outputs = desk.agents[agent]?.timeout(pop, at: moment) else { return }
                desk.perform(outputs, agent: agent, at: moment)
            }
        }
    }
}

extension LogEntry {
    static func deadLetter(
        _ failure: DecodeFailure, raw: [UInt8], feed: Feed = .inbound, at moment: Timestamp
    ) -> LogEntry {
        deadLetter(code: failure.code.rawValue, failure.message, raw: raw, feed: feed, at: moment)
    }

    static func deadLetter(
        code: String, _ message: String, raw: [UInt8], feed: Feed = .inbound, at moment: Timestamp
    ) -> LogEntry {
        let data = [UInt8].object {
            $0.member("code", code)
            $0.member("message", message)
        }
        return LogEntry(kind: .deadLetter, at: moment, data: data, raw: raw, trace: feed.trace)
    }
}

extension CallFrame {
    var bytes: [UInt8] {
        var json = JSONWriter(capacity: 640)
        write(to: &json)
        return json.bytes
    }
}

extension [UInt8] {
    /// A small JSON object.
    static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(capacity: 96)
        json.object(members)
        return json.bytes
    }
}
