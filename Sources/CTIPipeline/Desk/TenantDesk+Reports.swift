import CTICore
import Hiredis
import Logging

/// What a desk has to say about its source: for the log, `/readyz` and the metrics.
struct DeskReports: Sendable {
    var trouble = TroubleLog()
    var isConnected = false
    /// Why at-least-once is not done although it was asked for.
    var fallback: String?
    var otherReader = Gathering()
    /// When another reader was noticed, and when last.
    var otherReaderSeen: ClosedRange<Timestamp>?
    var isOtherClientSaid = false
    var deadLetters = Gathering()
    var deadLetterCodes: Set<String> = []
    var isFlushDue = false
    let startedAt = ContinuousClock.now

    /// So long after the last evidence a second reader counts as there.
    static let otherReaderLasts = Duration.seconds(300)
}

extension TenantDesk {
    // MARK: The source

    public func source(_ source: RedisListSource, report: SourceReport) {
        self.source = source
        switch report {
        case .connected(let status): sayConnected(status, to: source)
        case .fallenBack(let reason):
            // Said at the first connect, and when it changes: not at each reconnect.
            if reports.fallback != reason {
                logger.warning("at-least-once is not possible here (\(reason)): calls are taken by BLPOP")
            }
            reports.fallback = reason
        case .failed(let trouble, _): say(trouble)
        case .secondReader(let missing): sayOtherReader(missing)
        case .otherClients(let clients): say(clients)
        case .stopped: break
        }
    }

    private func sayConnected(_ status: SourceStatus, to source: RedisListSource) {
        if let lasted = reports.trouble.ended(at: now()) {
            logger.notice("Redis gives calls again, after \(lasted.inWords)")
        }
        let why =
            switch (status.delivery, status.fallback) {
            case (.atLeastOnce, _): "as configured; all it needs is permitted"
            case (.atMostOnce, nil): "as configured"
            case (.atMostOnce, let reason?): "since at-least-once is not possible: \(reason)"
            }
        let line = "fetching \(status.delivery.rawValue) from Redis \(status.serverVersion ?? "of unknown version")"
        logger.log(level: reports.isConnected ? .debug : .info, "\(line) at \(source.place) (\(why))")
        reports.isConnected = true
        if status.fallback == nil { reports.fallback = nil }
        setState(.ready)
    }

    private func say(_ trouble: SourceTrouble) {
        if let line = reports.trouble.failed(trouble, at: now()) {
            logger.log(level: trouble.isHarmless ? .notice : .error, "\(line)")
        }
        setState(.failed)
    }

    private func sayOtherReader(_ missing: Int) {
        let moment = now()
        let isOld = reports.otherReaderSeen.map { moment.since($0.upperBound) >= DeskReports.otherReaderLasts } ?? true
        let first = isOld ? moment : reports.otherReaderSeen?.lowerBound ?? moment
        reports.otherReaderSeen = first...max(first, moment)
        sayGathered(otherReader: reports.otherReader.add(missing, at: moment))
    }

    private func say(_ clients: [OtherClient]) {
        defer { reports.isOtherClientSaid = !clients.isEmpty }
        guard let first = clients.first, !reports.isOtherClientSaid else { return }
        let more = clients.count > 1 ? " and \(clients.count - 1) more" : ""
        logger.warning(
            """
            another client waits on a list in the same database (\(first)\(more)); if it is this list, the two share \
            the calls between them: one reader a list
            """)
    }

    // MARK: Dead letters

    /// Without a word of the payload.
    func sayDeadLetter(_ code: DecodeFailure.Code) {
        reports.deadLetterCodes.insert(code.rawValue)
        sayGathered(deadLetters: reports.deadLetters.add(1, at: now()))
    }

    private func sayGathered(deadLetters: Int? = nil, otherReader: Int? = nil) {
        if let deadLetters {
            let codes = reports.deadLetterCodes.sorted().joined(separator: ", ")
            reports.deadLetterCodes = []
            let (what, kept) =
                deadLetters == 1
                ? ("a notification", "dead letter") : ("\(deadLetters) notifications", "dead letters")
            logger.warning(
                "\(what) could not be handled (\(codes)): kept as \(kept); see ctid deadletters list --tenant \(id)")
        }
        if let otherReader {
            let what = otherReader == 1 ? "a notification was" : "\(otherReader) notifications were"
            logger.warning(
                "\(what) taken by another reader of the same list: stop it, or calls are popped twice or not here")
        }
        scheduleFlush()
    }

    /// What was gathered is said when the minute is over, also when nothing more comes.
    private func scheduleFlush() {
        guard reports.deadLetters.pending + reports.otherReader.pending > 0, !reports.isFlushDue else { return }
        reports.isFlushDue = true
        loop.schedule(at: .now + Gathering.interval + .milliseconds(10)) { [weak self] in
            self?.assumeIsolated { $0.flushReports() }
        }
    }

    private func flushReports() {
        reports.isFlushDue = false
        let moment = now()
        sayGathered(
            deadLetters: reports.deadLetters.flush(at: moment), otherReader: reports.otherReader.flush(at: moment))
    }

    // MARK: Readiness and metrics

    public func readiness() -> Readiness {
        var readiness = condition
        readiness.secondsSinceAnswer = sourceStatus?.answeredAt.map { $0.duration(to: .now).inSeconds }
        return readiness
    }

    /// What weighs most is told.
    private var condition: Readiness {
        if state == .stopping { return Readiness(state: state, since: stateSince) }
        if let logFailure { return Readiness(state: .degraded, reason: "\(logFailure)", since: stateSince) }
        if let trouble = reports.trouble.current {
            return Readiness(state: state, reason: "\(trouble)", since: stateSince)
        }
        if state == .ready, let seen = reports.otherReaderSeen,
            now().since(seen.upperBound) < DeskReports.otherReaderLasts
        {
            return Readiness(
                state: .degraded, reason: "another reader takes calls from the same list", since: seen.lowerBound)
        }
        return Readiness(
            state: state, reason: reports.fallback.map { "at-least-once is not possible: \($0)" }, since: stateSince)
    }

    public func metrics() -> TenantMetrics {
        let readiness = readiness()
        return TenantMetrics(
            readiness: readiness, counters: counters, source: sourceStatus,
            isListUp: reports.isConnected && reports.trouble.current == nil && state != .stopping,
            secondsSinceAnswer: readiness.secondsSinceAnswer ?? reports.startedAt.duration(to: .now).inSeconds,
            streams: streams.count)
    }

    /// The source lives on our loop.
    private var sourceStatus: SourceStatus? { source.map { source in source.assumeIsolated { $0.status } } }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
