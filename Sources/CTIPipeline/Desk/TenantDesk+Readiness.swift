import CTICore
import Hiredis

/// What a desk tells `/readyz` and `/metrics`.
extension TenantDesk {
    public func readiness() -> Readiness {
        var readiness = condition
        readiness.secondsSinceAnswer = status(of: .inbound)?.answeredAt.map { $0.duration(to: .now).inSeconds }
        return readiness
    }

    /// What weighs most is told. Without its inbound list a tenant has failed; without the others its calls pop.
    private var condition: Readiness {
        if state == .stopping { return Readiness(state: state, since: stateSince) }
        if let logFailure { return Readiness(state: .degraded, reason: "\(logFailure)", since: stateSince) }
        if let trouble = lists[.inbound].reports.trouble.current {
            return Readiness(state: state, reason: "\(trouble)", since: stateSince)
        }
        if state == .ready, let lesser = lesserTrouble ?? otherReader { return lesser }
        return Readiness(
            state: state, reason: fallback.map { "at-least-once is not possible: \($0)" }, since: stateSince)
    }

    private var lesserTrouble: Readiness? {
        for log in [lists[.cdr].reports.trouble, channels.trouble] {
            guard let trouble = log.current else { continue }
            return Readiness(state: .degraded, reason: "\(trouble)", since: log.since ?? stateSince)
        }
        for status in couriers.map(\.status) {
            guard let since = status.downSince else { continue }
            let why = status.lastFailure.map { " (\($0))" } ?? ""
            return Readiness(state: .degraded, reason: "\(status.name) takes nothing\(why)", since: since)
        }
        return nil
    }

    private var otherReader: Readiness? {
        for feed in DeskLists.feeds {
            guard let seen = lists[feed].reports.otherReaderSeen,
                now().since(seen.upperBound) < ListReports.otherReaderLasts
            else { continue }
            let list = listName(feed, orElse: "the same list")
            return Readiness(
                state: .degraded, reason: "another reader takes \(feed.goods) from \(list)", since: seen.lowerBound)
        }
        return nil
    }

    /// Mostly a server allows the same for both lists; where it does not, the second one is named.
    private var fallback: String? {
        let inbound = lists[.inbound].reports.fallback
        guard let records = lists[.cdr].reports.fallback, records != inbound else { return inbound }
        let named = "\(records), for \(listName(.cdr, orElse: "the records"))"
        return inbound.map { "\($0); \(named)" } ?? named
    }

    // MARK: Metrics

    public func metrics() -> TenantMetrics {
        let readiness = readiness()
        return TenantMetrics(
            readiness: readiness, counters: counters, source: status(of: .inbound), isListUp: isUp(.inbound),
            secondsSinceAnswer: readiness.secondsSinceAnswer ?? sinceStart, streams: streams.count, screens: screens,
            waiting: .init(toBeRecorded: outbox.items.count, forLookups: lanes.count),
            others: [recordsMetrics, channelMetrics].compactMap(\.self), agents: agentCounts,
            lookup: lookup?.metrics(), sinks: couriers.map(\.status))
    }

    private var screens: TenantMetrics.Screens {
        agents.values.reduce(into: TenantMetrics.Screens()) { screens, desk in
            screens.sessions += desk.sessions.count
            screens.agents += desk.sessions.isEmpty ? 0 : 1
            screens.pops += desk.openPops
        }
    }

    private var sinceStart: Double { reports.startedAt.duration(to: .now).inSeconds }

    private func since(_ answeredAt: ContinuousClock.Instant?) -> Double {
        answeredAt.map { $0.duration(to: .now).inSeconds } ?? sinceStart
    }

    private func isUp(_ feed: Feed) -> Bool {
        let reports = lists[feed].reports
        return reports.isConnected && reports.trouble.current == nil && state != .stopping
    }

    /// The sources live on our loop.
    private func status(of feed: Feed) -> SourceStatus? {
        lists[feed].source.map { source in source.assumeIsolated { $0.status } }
    }

    private var recordsMetrics: FeedMetrics? {
        guard let status = status(of: .cdr) else { return nil }
        return FeedMetrics(
            feed: .cdr, isUp: isUp(.cdr), secondsSinceAnswer: since(status.answeredAt), connects: status.connects,
            list: .init(backlog: status.backlog, missing: status.missing))
    }

    private var channelMetrics: FeedMetrics? {
        guard let source = channels.source else { return nil }
        let status = source.assumeIsolated { $0.status }
        let isUp = channels.isConnected && channels.trouble.current == nil && state != .stopping
        return FeedMetrics(
            feed: .agents, isUp: isUp, secondsSinceAnswer: since(status.answeredAt), connects: status.connects)
    }

    /// How many agents are in each state; nothing where nobody listens for states.
    private var agentCounts: [String: Int] {
        guard channels.source != nil else { return [:] }
        var counts = Dictionary(uniqueKeysWithValues: TeleforgeAgentStatus.Status.allCases.map { ($0.rawValue, 0) })
        for state in agentStates.values { counts[state.status.rawValue, default: 0] += 1 }
        return counts
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
