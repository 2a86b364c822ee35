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
        var unanswered: [PopID: CallFrame] = [:]
        var restored = 0
        while position < bounds.newest {
            let entries = try await log.entries(.everything, after: position, limit: 1000)
            guard let last = entries.last else { break }
            for recorded in entries { take(up: recorded.entry, &unanswered, &restored) }
            position = last.position
        }
        for frame in unanswered.values { wait(for: frame) }
        if restored > 0 { logger.info("\(restored) call events taken up from the log") }
    }

    private func take(up entry: LogEntry, _ unanswered: inout [PopID: CallFrame], _ restored: inout Int) {
        switch entry.kind {
        case .call:
            guard now().since(entry.at) < .seconds(24 * 3600), let frame = CallFrame(json: entry.data) else { return }
            tracker.restore(frame)
            restored += 1
        case .pop:
            guard now().since(entry.at) < profile.freshFor, let frame = CallFrame(json: entry.data) else { return }
            unanswered[frame.id] = frame
        case .ack, .clear, .missed:
            guard let id = PopReference(json: entry.data)?.id else { return }
            unanswered[PopID(id)] = nil
        case .realtime, .deadLetter:
            return
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
