public import CTICore
import Hiredis

extension TenantDesk: TenantGateway {
    public func openSession(
        agent: Extension, lastEventID: String?, dialect: Dialect, outlet: any FrameOutlet
    ) async throws(EventLogError) -> SessionID {
        let resumption = try await resumption(lastEventID)
        let held = try await log.held(agent: agent)
        let session = SessionID.random()
        makeRoom(for: agent)
        let until = head
        streams[session] = OpenStream(outlet: outlet, dialect: dialect)
        outlet.send([hello(session, resumption, at: resumption.from ?? until)])
        let outputs = agents[agent, default: AgentDesk()].open(session, at: now())
        perform(outputs, agent: agent, at: now())
        let seen = resumption.from ?? until
        hand(over: held.filter { $0.position <= seen }, to: agent)
        do throws(EventLogError) {
            try await replay(.agentFrames(agent), resumption, until: until, in: dialect, to: outlet)
            try await log.release(held.map(\.position).filter { $0 > seen && $0 <= until })
            try checkIsOpen()
        } catch {
            closeSession(session, agent: agent)
            throw error
        }
        streams[session]?.goLive()
        return session
    }

    public func closeSession(_ session: SessionID, agent: Extension) {
        guard streams.removeValue(forKey: session) != nil else { return }
        let moment = now()
        guard let outputs = agents[agent]?.close(session, at: moment) else { return }
        perform(outputs, agent: agent, at: moment)
        if agents[agent]?.isIdle == true { agents[agent] = nil }
    }

    public func setState(_ state: SessionState, session: SessionID, agent: Extension) -> Bool {
        agents[agent]?.setState(state, of: session) ?? false
    }

    /// What is answered outlives a killed process: the answer waits until it is recorded. It counts at once all the same.
    public func acknowledge(_ ack: PopAck, agent: Extension) async throws(EventLogError) -> Bool {
        try checkIsOpen()
        let moment = now()
        let pop = agents[agent]?.pops[ack.id]
        guard let outputs = agents[agent]?.acknowledge(ack, at: moment) else { return false }
        if let pop { count(ack, of: pop, at: moment) }
        let ref = pop?.frame.call.ref
        let data = [UInt8].object {
            $0.member("id", ack.id.rawValue)
            $0.member("outcome", ack.outcome.rawValue)
            $0.member("session", ack.session?.rawValue)
        }
        outbox.add(LogEntry(kind: .ack, agent: agent, ref: ref, at: moment, data: data), to: .nobody)
        perform(outputs, agent: agent, at: moment)
        try await answerOnceRecorded()
        return true
    }

    /// A word that is said twice counts once; handled and dismissed imply shown.
    private func count(_ ack: PopAck, of pop: AgentDesk.Pop, at moment: Timestamp) {
        guard ack.outcome != .blocked else {
            let isNew = (ack.session ?? pop.tried.last).map { !pop.refused.contains($0) } ?? true
            if isNew { counters.pops[.blocked, default: 0] += 1 }
            return
        }
        if pop.stage != .shown { counters.pops[.shown, default: 0] += 1 }
        if case .offered(_, let until?) = pop.stage {
            counters.showing.add(AgentDesk.acknowledgeWithin - max(.zero, until.since(moment)))
        }
        if ack.outcome == .handled { counters.pops[.handled, default: 0] += 1 }
        if ack.outcome == .dismissed { counters.pops[.dismissed, default: 0] += 1 }
    }

    public func take(_ posted: PostedEvent) async throws(EventLogError) {
        try checkIsOpen()
        guard hasRoom else {
            counters.dropped[.postedRoom, default: 0] += 1
            throw logFailure ?? EventLogError(.failed, "too much waits to be recorded")
        }
        admit(posted, at: now())
        wakeCommitter()
        try await answerOnceRecorded()
    }

    public func openRealtime(
        lastEventID: String?, outlet: any FrameOutlet
    ) async throws(EventLogError) -> SessionID {
        let resumption = try await resumption(lastEventID)
        let subscription = SessionID.random()
        let until = head
        streams[subscription] = OpenStream(outlet: outlet)
        boards.insert(subscription)
        outlet.send([hello(subscription, resumption, at: resumption.from ?? until)])
        do throws(EventLogError) {
            try await replay(.realtime, resumption, until: until, to: outlet)
            try checkIsOpen()
        } catch {
            closeRealtime(subscription)
            throw error
        }
        streams[subscription]?.goLive()
        return subscription
    }

    public func closeRealtime(_ subscription: SessionID) {
        streams[subscription] = nil
        boards.remove(subscription)
    }

    /// Whoever asked waits for the log, but not for one that fails: it may stay so for long, and what was asked for is
    /// recorded when it can be.
    func answerOnceRecorded() async throws(EventLogError) {
        await recordedUnlessFailing()
        if let logFailure { throw logFailure }
    }

    /// A stream that opens while the tenant stops would never be told anything, nor be closed.
    func checkIsOpen() throws(EventLogError) {
        guard !isOver else { throw EventLogError(.closed, "the tenant has stopped") }
    }

    // MARK: Streams

    private struct Resumption {
        /// What the client has seen last; `nil` where it begins anew.
        var from: Position?
        var isRecovered: Bool
    }

    /// An id that the log never gave away, or no longer reaches back to, counts as too old: that is said, never hidden.
    private func resumption(_ lastEventID: String?) async throws(EventLogError) -> Resumption {
        guard let lastEventID else { return Resumption(from: nil, isRecovered: false) }
        let bounds = try await log.bounds()
        guard let value = Int64(lastEventID), bounds.reachesBack(to: Position(value)) else {
            return Resumption(from: nil, isRecovered: false)
        }
        return Resumption(from: Position(value), isRecovered: true)
    }

    private func hello(_ session: SessionID, _ resumption: Resumption, at position: Position) -> Frame {
        let data = [UInt8].object {
            $0.member("session", session.rawValue)
            $0.member("recovered", resumption.isRecovered)
        }
        return Frame(id: position, event: "hello", data: data)
    }

    /// Pops are left out: those that still matter are offered anew, to one session.
    private func replay(
        _ selection: LogSelection, _ resumption: Resumption, until: Position, in dialect: Dialect = .ctid,
        to outlet: any FrameOutlet
    ) async throws(EventLogError) {
        guard var position = resumption.from else { return }
        while position < until {
            let entries = try await log.entries(selection, after: position, limit: 500)
            guard let last = entries.last else { return }
            let told = entries.filter { $0.position <= until && $0.entry.kind != .pop }
            let translation = translation(to: dialect)
            outlet.send(told.compactMap { Frame($0.entry, at: $0.position, in: translation) })
            position = last.position
        }
    }

    func translation(to dialect: Dialect) -> DialectTranslation {
        DialectTranslation(dialect) { [profile] in profile.agents[$0]?.crmUser }
    }

    /// Calls that were missed while nobody was there, told anew; those after what a client has seen are in its replay.
    /// They are held until the new entry is recorded, so two sessions that open at once must not both be told.
    private func hand(over held: [RecordedEntry], to agent: Extension) {
        let positions = Set(held.map(\.position))
        let underWay = handedOver[agent, default: []].intersection(positions)
        handedOver[agent] = positions.isEmpty ? nil : positions
        for recorded in held where !underWay.contains(recorded.position) {
            var entry = recorded.entry
            entry.held = false
            entry.handsOver = recorded.position
            entry.trace = .object {
                $0.member("handedOver", recorded.position.rawValue)
                $0.member("at", now())
            }
            outbox.add(entry, to: .everySession(agent))
        }
        wakeCommitter()
    }

    /// The oldest stream gives way to one too many.
    private func makeRoom(for agent: Extension) {
        guard let sessions = agents[agent]?.sessionIDs, sessions.count >= sessionsPerAgent else { return }
        for session in sessions.prefix(sessions.count - sessionsPerAgent + 1) {
            counters.dropped[.sessionsPerAgent, default: 0] += 1
            streams[session]?.outlet.finish(retryAfter: .seconds(60))
            closeSession(session, agent: agent)
        }
    }
}

extension Frame {
    /// `nil` where the stream's dialect has no words for it.
    init?(_ entry: LogEntry, at position: Position, in translation: DialectTranslation) {
        guard let data = translation.data(of: entry) else { return nil }
        self.init(id: position, event: entry.kind.frameName, data: data)
    }
}
