import CTICore

/// What comes beside the inbound list: call detail records, which end calls, and the agents' channels.
extension TenantDesk {
    func admit(_ raw: [UInt8], of feed: Feed, ageBound: Duration?, at moment: Timestamp) {
        do throws(DecodeFailure) {
            try handle(raw, of: feed, ageBound: ageBound, at: moment)
        } catch {
            keep(raw, of: feed, because: error, at: moment)
        }
    }

    func handle(_ raw: [UInt8], of feed: Feed, ageBound: Duration?, at moment: Timestamp) throws(DecodeFailure) {
        if feed == .agents, let status = try agentStatus(raw) {
            return note(status, raw: raw, ageBound: ageBound, at: moment)
        }
        let account = try Dialect.teleforge.decode(raw, limit: decoder.limit)
        // An end is an end, however late it is told; but a call that stands in the wrong list is as old as it may be.
        let age = account.event.isEnd ? .zero : ageBound
        admit(PostedEvent(account, dialect: .teleforge, feed: feed, raw: raw), ageBound: age, at: moment)
    }

    // MARK: What agents do

    private func agentStatus(_ raw: [UInt8]) throws(DecodeFailure) -> TeleforgeAgentStatus? {
        guard raw.count <= decoder.limit else { return nil }
        let object = try JSONObject(raw, relaxed: true)
        return object["type"]?.string == "status" ? try TeleforgeAgentStatus(object) : nil
    }

    /// Recorded where it is news. One that comes out of the dead letters tells of then, not of now.
    private func note(_ status: TeleforgeAgentStatus, raw: [UInt8], ageBound: Duration?, at moment: Timestamp) {
        let isOld = ageBound.map { $0 > profile.freshFor } ?? true
        let agent = status.extension
        let state = AgentState(status: status.status, campaign: status.campaignRef)
        guard !isOld, agentStates[agent] != state else {
            return counters.handled.add(.repeated)
        }
        agentStates[agent] = state
        counters.handled.add(.agentState)
        let data = [UInt8].object {
            $0.member("extension", agent.rawValue)
            $0.member("state", state.status.rawValue)
            $0.member("campaign", state.campaign)
            $0.member("at", moment)
        }
        outbox.add(
            LogEntry(kind: .agentState, agent: agent, at: moment, data: data, raw: raw, trace: Feed.agents.trace),
            to: .nobody)
    }
}

/// What an agent does, as the PBX told last.
struct AgentState: Hashable {
    var status: TeleforgeAgentStatus.Status
    /// The campaign that the agent works for.
    var campaign: String?
}
