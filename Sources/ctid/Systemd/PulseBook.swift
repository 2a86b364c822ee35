import CTICore
import CTIPipeline

/// Who was asked whether they move, who answered, and who is taken for stuck.
///
///     look ─▶ ask those who owe no answer ─▶ answers ─▶ look ─▶ …
///                   who owes one for too long, or says that a part of it stands still: suspected
///                   suspected at two looks in a row: stuck
///
/// Two looks, since time may have passed for the whole machine: one that was suspended, or a process that was stopped,
/// finds everything overdue when it goes on, and only then moves. A pure value.
struct PulseBook: Sendable {
    enum Part: Hashable, Sendable {
        case http
        case redis
        case desk(TenantID)
        case log(TenantID)
    }

    struct Stuck: Hashable, Sendable {
        /// `tenant acme: the inbound list`
        var what: String
        var lasted: Duration
    }

    /// What a look finds.
    struct Look: Sendable {
        /// To be asked now.
        var questions: [Part] = []
        /// Nothing is to be told to the watchdog while there is any.
        var stuck: [Stuck] = []
        /// Of these, those that are new.
        var news: [Stuck] = []
        /// They move again.
        var recovered: [String] = []
    }

    /// So long an answer may take: all is busy, or a thread is held by somebody's long sum.
    let patience: Duration
    /// A log's answer may stand behind a commit.
    let patienceForLog: Duration

    private var askedAt: [Part: ContinuousClock.Instant] = [:]
    private var pulses: [TenantID: TenantPulse] = [:]
    private var suspects: Set<String> = []
    private var told: Set<String> = []

    init(patience: Duration = .seconds(30), patienceForLog: Duration = .seconds(60)) {
        self.patience = patience
        self.patienceForLog = patienceForLog
    }

    mutating func look(_ tenants: [TenantID], at moment: ContinuousClock.Instant) -> Look {
        let parts = [.http, .redis] + tenants.sorted().flatMap { [Part.desk($0), .log($0)] }
        forget(othersThan: Set(parts), Set(tenants))
        let found = parts.compactMap { suspicion(of: $0, at: moment) }
        var look = Look()
        look.stuck = found.filter { suspects.contains($0.what) }
        suspects = Set(found.map(\.what))
        look.news = look.stuck.filter { !told.contains($0.what) }
        let stuck = Set(look.stuck.map(\.what))
        look.recovered = told.subtracting(suspects).sorted()
        told = told.intersection(suspects).union(stuck)
        look.questions = parts.filter { askedAt[$0] == nil }
        for part in look.questions { askedAt[part] = moment }
        return look
    }

    mutating func answered(_ part: Part, _ pulse: TenantPulse? = nil) {
        askedAt[part] = nil
        if case .desk(let tenant) = part { pulses[tenant] = pulse }
    }

    /// `3 of 4 tenants ready, 1 degraded`
    ///
    /// - Parameter problems: those whose file is broken, be it that they run on an earlier one or not at all.
    func summary(of tenants: [TenantID], problems: Set<TenantID>) -> String {
        let all = Set(tenants).union(problems)
        var (ready, degraded) = (0, 0)
        for tenant in tenants {
            switch pulses[tenant]?.readiness.state {
            case .ready where !problems.contains(tenant): ready += 1
            case .ready, .degraded: degraded += 1
            case .starting, .failed, .stopping, nil: break
            }
        }
        let tenants = all.count == 1 ? "tenant" : "tenants"
        return "\(ready) of \(all.count) \(tenants) ready" + (degraded > 0 ? ", \(degraded) degraded" : "")
    }

    /// A tenant that was taken away owes nothing.
    private mutating func forget(othersThan parts: Set<Part>, _ tenants: Set<TenantID>) {
        askedAt = askedAt.filter { parts.contains($0.key) }
        pulses = pulses.filter { tenants.contains($0.key) }
    }

    private func suspicion(of part: Part, at moment: ContinuousClock.Instant) -> Stuck? {
        if let since = askedAt[part] {
            let lasted = since.duration(to: moment)
            if lasted > patience(with: part) { return Stuck(what: part.name, lasted: lasted) }
        }
        guard case .desk(let tenant) = part, let standstill = pulses[tenant]?.standstill else { return nil }
        return Stuck(what: "tenant \(tenant): \(standstill.part)", lasted: standstill.lasted)
    }

    private func patience(with part: Part) -> Duration {
        if case .log = part { return patienceForLog }
        return patience
    }
}

extension PulseBook.Part {
    fileprivate var name: String {
        switch self {
        case .http: "a thread that serves HTTP"
        case .redis: "the thread of the Redis connections"
        case .desk(let tenant): "tenant \(tenant): its desk"
        case .log(let tenant): "tenant \(tenant): the event log"
        }
    }
}
