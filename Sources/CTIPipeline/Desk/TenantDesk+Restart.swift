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
            guard now().since(entry.at) < .seconds(24 * 3600), let frame = CallFrame(json: entry.data) else { return }
            tracker.restore(frame)
            restored += 1
        case .pop:
            guard now().since(entry.at) < .seconds(24 * 3600), let frame = CallFrame(json: entry.data) else { return }
            // It may have been offered before, to another session.
            pops[frame.id] = OpenPop(frame: frame, isAnswered: pops[frame.id]?.isAnswered ?? false)
        case .ack, .clear, .missed:
            guard let reference = PopReference(json: entry.data) else { return }
            note(reference, kind: entry.kind, in: &pops[PopID(reference.id)])
        case .realtime, .deadLetter:
            return
        }
    }

    /// A pop that was neither handled nor cleared.
    private struct OpenPop {
        var frame: CallFrame
        /// A session said that it shows it, or that it cannot.
        var isAnswered: Bool
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
        let frame = pop.frame
        if pop.isAnswered {
            agents[frame.agent.extension, default: AgentDesk()].restoreAnswered(frame)
        } else if now().since(frame.call.upAt ?? now()) < profile.freshFor {
            wait(for: frame)
        }
    }

    private func wait(for frame: CallFrame) {
        let agent = frame.agent.extension
        let started = frame.call.upAt ?? now()
        let outputs = agents[agent, default: AgentDesk()].restore(
            frame, freshUntil: started.adding(profile.freshFor), at: now())
        perform(outputs, agent: agent, at: now())
    }
}
