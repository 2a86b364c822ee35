import CTICore
import Hiredis
import Logging

/// What a desk has to say about one of its lists: for the log, `/readyz` and the metrics.
struct ListReports: Sendable {
    var trouble = TroubleLog()
    var isConnected = false
    /// Why at-least-once is not done although it was asked for.
    var fallback: String?
    var otherReader = Gathering()
    /// When another reader was noticed, and when last.
    var otherReaderSeen: ClosedRange<Timestamp>?
    var isOtherClientSaid = false

    /// So long after the last evidence a second reader counts as there.
    static let otherReaderLasts = Duration.seconds(300)
}

/// What a desk has to say beyond its lists.
struct DeskReports: Sendable {
    var deadLetters = Gathering()
    var deadLetterCodes: Set<String> = []
    /// What channels told while there was no room for it.
    var lost = Gathering()
    var isFlushDue = false
    /// Of the daemon, or of reading other lists.
    var startedAt = ContinuousClock.now
}

extension TenantDesk {
    // MARK: The lists

    /// From now on the metrics and `/readyz` know that there is such a list, also before it says anything.
    public func expect(_ source: RedisListSource) { lists[source.feed].source = source }

    public func source(_ source: RedisListSource, report: SourceReport) {
        expect(source)
        switch report {
        case .connected(let status): sayConnected(status, to: source)
        case .fallenBack(let reason): sayFallenBack(reason, of: source)
        case .failed(let trouble, _): say(trouble)
        case .secondReader(let missing): sayOtherReader(missing, of: source.feed)
        case .otherClients(let clients): say(clients, of: source.feed)
        case .stopped: break
        }
    }

    /// As it stands in a message: in most of them "the list" is the inbound one, and another is named.
    func listName(_ feed: Feed, orElse usual: String) -> String {
        feed == .inbound ? usual : lists[feed].source?.key ?? usual
    }

    private func sayConnected(_ status: SourceStatus, to source: RedisListSource) {
        let feed = source.feed
        if let lasted = lists[feed].reports.trouble.ended(at: now()) {
            let place = feed == .inbound ? "" : " from \(source.key)"
            logger.notice("Redis gives \(feed.goods) again\(place), after \(lasted.inWords)")
        }
        let why =
            switch (status.delivery, status.fallback) {
            case (.atLeastOnce, _): "as configured; all it needs is permitted"
            case (.atMostOnce, nil): "as configured"
            case (.atMostOnce, let reason?): "since at-least-once is not possible: \(reason)"
            }
        let line = "fetching \(status.delivery.rawValue) from Redis \(status.serverVersion ?? "of unknown version")"
        let level: Logger.Level = lists[feed].reports.isConnected ? .debug : .info
        logger.log(level: level, "\(line) at \(source.place) (\(why))")
        lists[feed].reports.isConnected = true
        if status.fallback == nil { lists[feed].reports.fallback = nil }
        if feed == .inbound { setState(.ready) }
    }

    /// Said at the first connect, and when it changes: not at each reconnect.
    private func sayFallenBack(_ reason: String, of source: RedisListSource) {
        defer { lists[source.feed].reports.fallback = reason }
        guard lists[source.feed].reports.fallback != reason else { return }
        let what = source.feed == .inbound ? "calls" : "\(source.feed.goods) in \(source.key)"
        logger.warning("at-least-once is not possible here (\(reason)): \(what) are taken by BLPOP")
    }

    private func say(_ trouble: SourceTrouble) {
        counters.redisFailures[trouble.feed, default: 0] += 1
        if let line = lists[trouble.feed].reports.trouble.failed(trouble, at: now()) { say(line, of: trouble) }
        // Calls pop without the other lists.
        if trouble.feed == .inbound { setState(.failed) }
    }

    func say(_ line: String, of trouble: SourceTrouble) {
        logger.log(level: trouble.isHarmless ? .notice : .error, "\(line)")
    }

    private func sayOtherReader(_ missing: Int, of feed: Feed) {
        let moment = now()
        let seen = lists[feed].reports.otherReaderSeen
        let isOld = seen.map { moment.since($0.upperBound) >= ListReports.otherReaderLasts } ?? true
        let first = isOld ? moment : seen?.lowerBound ?? moment
        lists[feed].reports.otherReaderSeen = first...max(first, moment)
        sayGathered(otherReader: lists[feed].reports.otherReader.add(missing, at: moment), of: feed)
    }

    private func say(_ clients: [OtherClient], of feed: Feed) {
        defer { lists[feed].reports.isOtherClientSaid = !clients.isEmpty }
        guard let first = clients.first, !lists[feed].reports.isOtherClientSaid else { return }
        let more = clients.count > 1 ? " and \(clients.count - 1) more" : ""
        logger.warning(
            """
            another client waits on a list in the same database (\(first)\(more)); if it is \
            \(listName(feed, orElse: "this list")), the two share the \(feed.goods) between them: one reader a list
            """)
    }

    // MARK: What recurs

    /// Without a word of the payload.
    func sayDeadLetter(_ code: DecodeFailure.Code) {
        reports.deadLetterCodes.insert(code.rawValue)
        sayGathered(deadLetters: reports.deadLetters.add(1, at: now()))
    }

    /// What was published has nowhere to wait.
    func sayLost(_ count: Int) {
        counters.dropped[.channelRoom, default: 0] += count
        sayGathered(lost: reports.lost.add(count, at: now()))
    }

    private func sayGathered(deadLetters count: Int?) {
        if let count {
            let codes = reports.deadLetterCodes.sorted().joined(separator: ", ")
            reports.deadLetterCodes = []
            let (what, kept) =
                count == 1 ? ("a notification", "dead letter") : ("\(count) notifications", "dead letters")
            logger.warning(
                "\(what) could not be handled (\(codes)): kept as \(kept); see ctid deadletters list --tenant \(id)")
        }
        scheduleFlush()
    }

    private func sayGathered(otherReader count: Int?, of feed: Feed) {
        if let count {
            let what = count == 1 ? "a notification was" : "\(count) notifications were"
            let list = listName(feed, orElse: "the same list")
            let harm = feed == .inbound ? "calls are popped twice or not here" : "ends of calls are missing here"
            logger.warning("\(what) taken by another reader of \(list): stop it, or \(harm)")
        }
        scheduleFlush()
    }

    private func sayGathered(lost count: Int?) {
        if let count {
            logger.warning("messages of agents' channels lost, since recording does not keep up: \(count)")
        }
        scheduleFlush()
    }

    private var isAnythingPending: Bool {
        reports.deadLetters.pending + reports.lost.pending > 0
            || DeskLists.feeds.contains { lists[$0].reports.otherReader.pending > 0 }
    }

    /// What was gathered is said when the minute is over, also when nothing more comes.
    private func scheduleFlush() {
        guard isAnythingPending, !reports.isFlushDue else { return }
        reports.isFlushDue = true
        loop.schedule(at: .now + Gathering.interval + .milliseconds(10)) { [weak self] in
            self?.assumeIsolated { $0.flushReports() }
        }
    }

    private func flushReports() {
        reports.isFlushDue = false
        let moment = now()
        sayGathered(deadLetters: reports.deadLetters.flush(at: moment))
        sayGathered(lost: reports.lost.flush(at: moment))
        for feed in DeskLists.feeds {
            sayGathered(otherReader: lists[feed].reports.otherReader.flush(at: moment), of: feed)
        }
    }
}
