import CTICore
import Hiredis
import Logging

extension TenantDesk {
    /// So far back the log is read when the daemon starts.
    private static let stretch = 100_000

    /// Takes up what an earlier process knew: the calls under way, so that none is popped twice, and the pops that
    /// nobody acknowledged while they are fresh.
    ///
    /// To be called once, before anything else.
    public func restore() async throws(EventLogError) {
        let bounds = try await log.bounds()
        head = bounds.newest
        var position = Position(bounds.newest.rawValue - Int64(Self.stretch))
        var pops: [PopID: OpenPop] = [:]
        var restored = 0
        while position < bounds.newest {
            let entries = try await log.entries(.everything, after: position, limit: 1000)
            guard let last = entries.last else { break }
            for recorded in entries { take(up: recorded.entry, &pops, &restored) }
            position = last.position
        }
        for pop in pops.values { reopen(pop) }
        if restored > 0 { logger.info("call events taken up from the log: \(restored)") }
    }

    private func take(up entry: LogEntry, _ pops: inout [PopID: OpenPop], _ restored: inout Int) {
        switch entry.kind {
        case .call:
            let isOld = now().since(entry.at) >= .seconds(24 * 3600)
            guard !isOld || !undecided.isEmpty, let call = recordedCall(entry) else { return }
            // However long ago: it must not be decided again.
            undecided.removeAll { $0.isDecided(by: call.event) }
            // What came too late changed nothing but the log.
            let change = entry.trace.flatMap { StoredFrame($0).change }
            guard !isOld, change != CallChange.late.name else { return }
            tracker.restore(call, at: entry.at)
            restoreChoice(entry, of: call.event, change: change)
            restored += 1
        case .pop:
            guard now().since(entry.at) < .seconds(24 * 3600), let id = popID(entry) else { return }
            // It may have been offered before, to another session.
            pops[id] = OpenPop(data: entry.data, isAnswered: pops[id]?.isAnswered ?? false, trace: entry.trace)
        case .ack, .clear, .missed:
            guard let id = popID(entry), pops[id] != nil, let reference = PopReference(json: entry.data) else { return }
            note(reference, kind: entry.kind, in: &pops[id])
        case .received:
            guard let raw = entry.raw, let ref = entry.ref, let note = ReceivedNote(json: entry.data) else { return }
            undecided.append(
                Undecided(
                    ref: ref, agent: entry.agent, event: note.event, raw: raw, account: ReceivedAccount(entry)?.account,
                    origin: EntryOrigin(entry), receivedAt: entry.at, ageBound: note.ageBound))
        case .deadLetter:
            undecided.removeAll { $0.raw == entry.raw }
        case .realtime, .agentState, .delivery:
            return
        }
    }

    private func recordedCall(_ entry: LogEntry) -> RecordedCall? {
        guard let ref = entry.ref else { return nil }
        let read = StoredFrame(entry.data).recordedCall(ref, agent: entry.agent ?? Extension(""))
        guard var call = read ?? CallFrame(json: entry.data).map({ RecordedCall($0) }) else { return nil }
        guard let trace = entry.trace.map({ StoredFrame($0) }) else { return call }
        // The frame holds what an agent may see; a later event of the call needs the number itself.
        if profile.masksNumbers, let caller = trace.unmaskedCaller { call.event.caller = caller }
        if call.event.kind.isEnd { call.isOfLeg = trace.contains("\"facts\":{\"reach\":\"leg\"") }
        return call
    }

    private func popID(_ entry: LogEntry) -> PopID? {
        (StoredFrame(entry.data).id ?? PopReference(json: entry.data)?.id).map { PopID($0) }
    }

    /// A notification that waited for a look-up when the process ended.
    struct Undecided {
        let ref: CallRef
        let agent: Extension?
        let event: String
        let raw: [UInt8]
        /// As it was understood; `nil` for what came by the inbound list.
        let account: CallAccount?
        let origin: EntryOrigin
        let receivedAt: Timestamp
        let ageBound: Duration?

        func isDecided(by event: CallEvent) -> Bool {
            event.callRef == ref && event.extension == agent && event.kind.rawValue == self.event
        }
    }

    /// Handles what an earlier process had begun and not finished. To be called while ``run()`` runs, and before a
    /// source does.
    ///
    /// What was fetched and not recorded is handled one by one, so that a notification which ends the process is found
    /// out: after three deaths it is a dead letter, and is not tried again.
    ///
    /// - Returns: false where the rest stays in hand, since the log cannot be written and is not waited for any more.
    ///   A source must not run then: what it fetched would take the place of the rest.
    @discardableResult
    public func finishWhatWasLeft() async -> Bool {
        await finishUndecided()
        await recorded()
        guard logFailure == nil else { return false }
        // The calls before their ends.
        for feed in DeskLists.feeds {
            guard await finishInHand(of: feed) else { return false }
        }
        return true
    }

    private func finishInHand(of feed: Feed) async -> Bool {
        let inHand = lists.inHand(of: feed)
        guard let left = inHand.contents(), !left.isRecorded else { return true }
        let newest = try? await log.newestNotifications(limit: 1000, feed: feed)
        let known = Set((newest ?? []).compactMap(\.entry.raw))
        let age = left.ageBound.grown(since: left.fetchedAt, until: now())
        for index in left.index..<left.notifications.count {
            inHand.takeUp(index)
            finish(
                left.notifications[index], of: feed, ageBound: age, deaths: left.deaths(at: index), known: known)
            await recorded()
            guard logFailure == nil else { return false }
        }
        inHand.recorded()
        logger.notice("notifications that were in hand when the daemon ended: \(left.notifications.count)")
        return true
    }

    /// One that is found undecided at a third start has ended the process as often.
    private func finishUndecided() async {
        guard !undecided.isEmpty else { return }
        let deaths = await countDeaths(of: undecided)
        for left in undecided {
            let age = left.ageBound.grown(since: left.receivedAt, until: now())
            let count = deaths[left.ref.rawValue] ?? 1
            if let account = left.account, count < InHand.fatalDeaths {
                let notice = Notice(account, dialect: left.origin.dialect, feed: left.origin.feed)
                admit(
                    account.callEvent, raw: left.raw, notice: notice, ageBound: age, happenedAt: left.receivedAt,
                    at: now())
            } else {
                finish(left.raw, of: left.origin.feed, ageBound: age, deaths: count, known: [])
            }
        }
        undecided = []
    }

    /// Written down before any of them is tried. Those that are not among them any more were decided.
    private func countDeaths(of undecided: [Undecided]) async -> [String: Int] {
        let name = "undecided"
        let before = (try? await log.mark(name)).flatMap { [String: Int](json: $0) } ?? [:]
        let refs = Set(undecided.map(\.ref.rawValue))
        let deaths = Dictionary(uniqueKeysWithValues: refs.map { ($0, (before[$0] ?? 0) + 1) })
        // What cannot be counted is only tried once more.
        try? await log.setMark(name, deaths.json)
        return deaths
    }

    private func finish(
        _ raw: [UInt8], of feed: Feed = .inbound, ageBound: Duration?, deaths: Int, known: Set<[UInt8]>
    ) {
        // Recorded just before the end. (A call would be recognised, a dead letter would not.)
        guard !known.contains(raw) else { return }
        counters.notifications += 1
        guard deaths >= InHand.fatalDeaths else {
            return raw.withUnsafeBytes { admit($0, feed: feed, ageBound: ageBound, at: now()) }
        }
        counters.deadLetters[DeskCounters.killedDaemon, default: 0] += 1
        counters.handled.add(.deadLetter)
        let message = "the daemon ended \(deaths) times while it handled this: it is not tried again"
        logger.error("a notification ended the daemon \(deaths) times: it is kept as a dead letter")
        outbox.add(.deadLetter(code: DeskCounters.killedDaemon, message, raw: raw, feed: feed, at: now()), to: .nobody)
    }

    /// A pop that was neither handled nor cleared.
    private struct OpenPop {
        /// Its frame; parsed only where it is still open at the end.
        var data: [UInt8]
        /// A session said that it shows it, or that it cannot.
        var isAnswered: Bool
        var trace: [UInt8]?
    }

    private func note(_ reference: PopReference, kind: LogEntry.Kind, in pop: inout OpenPop?) {
        switch (kind, reference.outcome.flatMap(AckOutcome.init(rawValue:))) {
        case (.ack, .shown), (.ack, .blocked): pop?.isAnswered = true
        // What every session refused is listed as missed and stays open.
        case (.missed, _) where pop?.isAnswered == true: break
        default: pop = nil
        }
    }

    private func reopen(_ pop: OpenPop) {
        guard let frame = CallFrame(json: pop.data) else { return }
        if pop.isAnswered {
            agents[frame.agent.extension, default: AgentDesk()].restoreAnswered(frame)
        } else {
            // The call was older than its first notification tells: until when it is fresh was written down.
            let noted = pop.trace.flatMap(PopFreshness.init(json:))?.freshUntilMs
            let freshUntil = noted.map { Timestamp(milliseconds: $0) }
            wait(for: frame, until: freshUntil ?? (frame.call.upAt ?? now()).adding(profile.freshFor))
        }
    }

    /// One that is no longer fresh is missed at once.
    private func wait(for frame: CallFrame, until freshUntil: Timestamp) {
        let agent = frame.agent.extension
        let outputs = agents[agent, default: AgentDesk()].restore(frame, freshUntil: freshUntil, at: now())
        perform(outputs, agent: agent, at: now())
    }
}
