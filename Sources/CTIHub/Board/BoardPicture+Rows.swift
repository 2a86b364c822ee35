import CTICore
import CTIPipeline

/// What is drawn: the moment as the desk told it, and the last hour as the log tells it.
extension BoardPicture {
    init(
        _ presence: BoardPresence, calls: [BoardPresence.UnderWay], log: BoardLog, problem: String?, at now: Timestamp
    ) {
        self.init(at: now)
        let queued = calls.map { call in
            var call = call
            call.queue = log.notes[call.ref]?.queue ?? call.queue
            return call
        }
        add("calls", Self.calls(queued, log))
        add("agents", Self.agents(presence.agents, queued, log))
        add("queues", Self.queues(presence.queues, queued, log))
        add("missed", Self.missed(log, presence))
        add("deadLetters", Self.letters(log))
        addFigure("tenant") {
            $0.member("name", presence.displayName)
            $0.member("state", presence.readiness.state.rawValue)
            $0.member("reason", presence.readiness.reason)
            $0.member("since", milliseconds: presence.readiness.since)
            $0.member("problem", problem)
        }
        addFigure("hour") {
            Self.write(log.tallies.queues.values.reduce(into: QueueTally()) { $0.add($1.total) }, to: &$0)
        }
        addFigure("pops") { Self.write(log.tallies.pops.total, to: &$0) }
        addFigure("deadLetters") {
            $0.member("count", Int64(log.letters.rows.count))
            $0.member("more", log.letters.isFull)
        }
    }

    private static func calls(_ calls: [BoardPresence.UnderWay], _ log: BoardLog) -> Table {
        var table = Table()
        for call in calls {
            table.add(call.ref.rawValue) {
                $0.member("key", call.ref.rawValue)
                $0.member("state", call.state.rawValue)
                $0.member("direction", call.direction.rawValue)
                $0.member("caller", call.caller)
                $0.member("contact", log.notes[call.ref]?.contact)
                $0.member("queue", call.queue)
                $0.member("agents", array: { list in for agent in call.agents { list.value(agent.rawValue) } })
                $0.member("since", milliseconds: call.since)
                $0.member("upAt", milliseconds: call.upAt)
            }
        }
        return table
    }

    private static func agents(
        _ agents: [BoardPresence.Known], _ calls: [BoardPresence.UnderWay], _ log: BoardLog
    ) -> Table {
        var (with, met): ([Extension: BoardPresence.UnderWay], Set<Extension>) = ([:], [])
        for call in calls {
            for agent in call.agents where with[agent]?.state != .up { with[agent] = call }
        }
        for agent in agents { met.insert(agent.extension) }
        // Whoever is in no file and never said anything, but has a call.
        let others = with.keys.filter { !met.contains($0) }.map { BoardPresence.Known(extension: $0) }
        var table = Table()
        for agent in (agents + others).sorted(by: { $0.extension < $1.extension }) {
            table.add(agent.extension.rawValue) { write(agent, with[agent.extension], log, to: &$0) }
        }
        return table
    }

    private static func write(
        _ agent: BoardPresence.Known, _ call: BoardPresence.UnderWay?, _ log: BoardLog, to json: inout JSONWriter
    ) {
        json.member("key", agent.extension.rawValue)
        json.member("name", agent.name)
        json.member("status", agent.status?.rawValue)
        json.member("campaign", agent.campaign)
        json.member("since", milliseconds: agent.status == nil ? nil : log.tallies.stateSince[agent.extension])
        json.member("sessions", Int64(agent.sessions))
        json.member("focused", agent.isFocused)
        json.member("pops", Int64(agent.pops))
        json.member("call", call?.ref.rawValue)
        json.member("callState", call?.state.rawValue)
        json.member("callSince", milliseconds: call.map { $0.upAt ?? $0.since })
    }

    private static func queues(_ named: [String], _ calls: [BoardPresence.UnderWay], _ log: BoardLog) -> Table {
        var now: [String: [BoardPresence.UnderWay]] = [:]
        for call in calls where call.direction == .inbound {
            now[call.queue ?? "", default: []].append(call)
        }
        var table = Table()
        for name in Set(named).union(now.keys).union(log.tallies.queues.keys).sorted() {
            let tally = log.tallies.queues[name]?.total ?? QueueTally()
            table.add(name) { write(name, tally, now[name] ?? [], to: &$0) }
        }
        return table
    }

    private static func write(
        _ name: String, _ tally: QueueTally, _ calls: [BoardPresence.UnderWay], to json: inout JSONWriter
    ) {
        let waiting = calls.filter { $0.state != .up }
        json.member("key", name)
        json.member("waiting", Int64(waiting.count))
        json.member("waitingSince", milliseconds: waiting.map(\.since).min())
        json.member("talking", Int64(calls.count - waiting.count))
        write(tally, to: &json)
    }

    private static func write(_ tally: QueueTally, to json: inout JSONWriter) {
        json.member("offered", Int64(tally.offered))
        json.member("answered", Int64(tally.answered))
        json.member("abandoned", Int64(tally.abandoned))
        json.member("averageWait", number: tally.averageWait.map { String(($0 * 10).rounded() / 10) })
        json.member("p90Wait", number: tally.ninetiethPercentile.map { String($0) })
        json.member("serviceLevel", number: tally.serviceLevel.map { String(($0 * 1000).rounded() / 1000) })
    }

    private static func missed(_ log: BoardLog, _ presence: BoardPresence) -> Table {
        var table = Table()
        for missed in log.tallies.missed.reversed() {
            table.add(missed.position.description) {
                $0.member("key", missed.position.description)
                $0.member("at", milliseconds: missed.at)
                $0.member("reason", missed.call.reason)
                $0.member("caller", missed.call.caller)
                $0.member("contact", missed.call.contactName)
                $0.member("queue", missed.call.queue)
                $0.member("agent", missed.agent?.rawValue)
                $0.member("name", missed.call.agentName)
                $0.member("ref", missed.ref?.rawValue)
            }
        }
        return table
    }

    private static func letters(_ log: BoardLog) -> Table {
        var table = Table()
        for letter in log.letters.rows.suffix(50).reversed() {
            table.add(letter.position.description) {
                $0.member("key", letter.position.description)
                $0.member("at", milliseconds: letter.at)
                $0.member("code", letter.code)
                $0.member("message", letter.message)
                $0.member("place", letter.place)
            }
        }
        return table
    }

    private static func write(_ tally: PopTally, to json: inout JSONWriter) {
        json.member("pops", Int64(tally.pops))
        for outcome in PopTally.Outcome.allCases {
            json.member(outcome.rawValue, Int64(tally.outcomes[outcome, default: 0]))
        }
        json.member("handledShare", number: tally.handledShare.map { String(($0 * 1000).rounded() / 1000) })
        json.member("missedCalls", Int64(tally.missedCalls))
        let reasons = tally.missed.sorted { $0.key < $1.key }
        json.member("missedBy", object: { by in for (reason, count) in reasons { by.member(reason, Int64(count)) } })
    }
}
