import CTICore
import CTIPipeline

/// What a look-up knows of what it asked: the answers it keeps, how the last ones went, and the figures of all. A pure
/// value.
struct LookupBook {
    /// What is to be done about a question.
    enum Admission: Equatable {
        case ask
        case known([Contact])
        /// Somebody has failed too often; how long it stays so.
        case refused(Duration)
    }

    /// How one request went.
    enum Ending {
        case answered([Contact])
        case failed(LookupOutcome)
        /// Cut off before it could be told which.
        case cutOff
    }

    private var cache: LookupCache
    private(set) var breaker: CircuitBreaker
    private var outcomes: [LookupOutcome: Int] = [:]
    private var times = Timings()

    init(_ settings: LookupSettings) {
        cache = LookupCache(lifetime: settings.cache.lifetime, limit: settings.cache.entries)
        breaker = CircuitBreaker(failures: settings.breaker.failures, pause: settings.breaker.pause)
    }

    /// What can be said of a question without asking it. `isAsked`: where nothing can, it is asked now.
    mutating func admit(_ url: String, isAsked: Bool, at moment: ContinuousClock.Instant) -> Admission {
        if let contacts = cache.contacts(for: url, at: moment) {
            count(.cached)
            return .known(contacts)
        }
        if let pause = breaker.refusal(at: moment) {
            count(.breakerOpen)
            return .refused(pause)
        }
        if isAsked { breaker.ask(at: moment) }
        return .ask
    }

    /// A request is over. What comes too late for the one who asked is kept for the next.
    ///
    /// - Parameter isLate: nobody waits for it any more.
    mutating func end(
        _ url: String, _ ending: Ending, took: Duration, isLate: Bool, at moment: ContinuousClock.Instant
    ) -> LookupReport? {
        times.add(took)
        switch ending {
        case .answered(let contacts):
            cache.keep(contacts, for: url, at: moment)
            count(isLate ? .timeout : contacts.isEmpty ? .nobody : .found)
            return breaker.succeed() ? .closed : nil
        case .failed(let outcome):
            count(isLate ? .timeout : outcome)
            return breaker.fail(at: moment) ? .opened(failures: breaker.failures) : nil
        case .cutOff:
            count(.timeout)
            breaker.forget(at: moment)
            return nil
        }
    }

    mutating func count(_ outcome: LookupOutcome) { outcomes[outcome, default: 0] += 1 }

    var metrics: LookupMetrics {
        var metrics = LookupMetrics()
        metrics.outcomes = outcomes
        metrics.kept = cache.count
        metrics.isBreakerOpen = breaker.isOpen
        metrics.times = times
        return metrics
    }
}

/// What a look-up has to say to people.
public enum LookupReport: Sendable, Hashable {
    /// So many entries of an answer are no contact, or one too many.
    case leftOut(Int)
    /// Nobody is asked for the pause, after so many failures in a row.
    case opened(failures: Int)
    /// There was an answer again.
    case closed
}
