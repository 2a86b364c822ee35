public import CTICore

/// Several contacts have the caller's number, and the agent says who it is.
///
///     pop {actions: [], matches: [A, B]} ──▶ choose B ──▶ call {contact: B} ─▶ clear (handled) ─▶ pop {actions, contact: B}
///
/// The rules are asked again, for the screen alone: what goes to boards went there with the event itself.
extension TenantDesk {
    public func choose(
        _ choice: ContactChoice, agent: Extension
    ) async throws(EventLogError) -> ContactChoice.Result {
        try checkIsOpen()
        guard let frame = agents[agent]?.pops[choice.pop]?.frame else { return .noSuchPop }
        guard let contact = choice.contact(among: frame.matches) else { return .noSuchContact }
        let moment = now()
        chosenContacts[frame.call.ref] = contact
        let decision = decision(on: frame, with: contact)
        let trace = decision.trace(
            fetchedAt: moment, sessions: agents[agent]?.sessionStates ?? [], masked: profile.masksNumbers)
        recordCall(decision, raw: nil, trace: trace, at: moment)
        perform(agents[agent]?.finish(choice.pop) ?? [], agent: agent, at: moment)
        show(decision, at: moment)
        wakeCommitter()
        try await answerOnceRecorded()
        return .taken
    }

    private func decision(on frame: CallFrame, with contact: Contact) -> CallDecision {
        var event = CallAccount(frame).callEvent
        // The frame holds what an agent may see; rules are asked about the number itself.
        let state = tracker[event.callRef]
        if profile.masksNumbers, let caller = state?.caller { event.caller = caller }
        let tracked = CallTracker.Tracked(
            .repeated, ringingAt: frame.call.ringingAt, upAt: frame.call.upAt, endedAt: frame.call.endedAt)
        let planned = PlannedCall(
            event, tracked, ageBound: .zero, planner: planner, contacts: contacts, found: [contact])
        var decision = CallDecision(planned, id: .random(), planner: planner)
        decision.isChoice = true
        decision.plan.actions = decision.plan.screenPops
        return decision
    }

    /// Whoever calls under the same reference one day is somebody else.
    func forgetChoice(of ref: CallRef, after event: CallEventKind) {
        guard !chosenContacts.isEmpty, event.isEnd, tracker[ref]?.endedAt != nil else { return }
        chosenContacts[ref] = nil
    }

    /// As it stands in the log; the tracker knows of the event already.
    func restoreChoice(_ entry: LogEntry, of event: CallEvent, change: String?) {
        if change == CallDecision.chosen {
            chosenContacts[event.callRef] = CallFrame(json: entry.data)?.contact
        } else {
            forgetChoice(of: event.callRef, after: event.kind)
        }
    }
}
