public import CTICore

/// What the desk tells the boards. It keeps nothing for them: the calls to look at come with the question.
extension TenantDesk {
    public func boardPresence(of refs: [CallRef]?) -> BoardPresence {
        BoardPresence(
            displayName: profile.displayName, calls: (refs ?? tracker.underWay).compactMap(underWay),
            agents: knownAgents, queues: Set(profile.queues.values).sorted(), readiness: readiness())
    }

    private func underWay(_ ref: CallRef) -> BoardPresence.UnderWay? {
        guard let call = tracker[ref], call.endedAt == nil else { return nil }
        // While a call that is up rings elsewhere, it is being passed on: it is still with whoever answered.
        let agents = call.upAt == nil ? [call.agent] + call.ringing : [call.agent]
        return BoardPresence.UnderWay(
            ref: ref, direction: call.direction,
            caller: profile.masksNumbers ? MaskedNumber.mask(call.caller) : call.caller,
            queue: planner.queue(forDialed: call.dialed),
            state: call.upAt == nil ? (call.last == .calling ? .calling : .ringing) : .up,
            agents: agents.filter { !$0.rawValue.isEmpty },
            since: call.ringingAt ?? call.upAt ?? call.changedAt, upAt: call.upAt)
    }

    /// Those of the tenant's file, and whoever else the PBX or a page has told of.
    private var knownAgents: [BoardPresence.Known] {
        var known: [BoardPresence.Known] = []
        known.reserveCapacity(profile.agents.count)
        for (`extension`, agent) in profile.agents { known.append(self.known(`extension`, name: agent.name)) }
        let others = Set(agentStates.keys).union(agents.keys).subtracting(profile.agents.keys)
        return known + others.map { self.known($0, name: nil) }
    }

    private func known(_ extension: Extension, name: String?) -> BoardPresence.Known {
        var known = BoardPresence.Known(extension: `extension`, name: name)
        if let state = agentStates[`extension`] { (known.status, known.campaign) = (state.status, state.campaign) }
        if let desk = agents[`extension`] {
            known.sessions = desk.sessions.count
            known.isFocused = desk.sessions.values.contains { $0.state == .focused }
            known.pops = desk.openPops
        }
        return known
    }
}
