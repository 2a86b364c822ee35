/// Stops asking whoever has failed so many times in a row, for a while; then one question tries whether that is over.
///
///     closed ── the last of so many failures ──▶ open ── the pause is over ──▶ trial ── an answer ──▶ closed
///                                                 ▲                              │
///                                                 └────────── a failure ─────────┘
///
/// A pure value. An answer closes it whenever it comes: it shows that somebody is there.
struct CircuitBreaker {
    private enum State {
        case closed
        case open(until: ContinuousClock.Instant)
        /// Nothing else is asked meanwhile. One that never ends is followed by another.
        case trial(until: ContinuousClock.Instant)
    }

    private let limit: Int
    private let pause: Duration
    private var state = State.closed
    /// In a row.
    private(set) var failures = 0

    init(failures limit: Int, pause: Duration) {
        self.limit = limit
        self.pause = pause
    }

    var isOpen: Bool {
        if case .closed = state { false } else { true }
    }

    /// How long nobody is to ask yet; `nil` where one may.
    func refusal(at moment: ContinuousClock.Instant) -> Duration? {
        switch state {
        case .open(let end), .trial(let end): moment < end ? moment.duration(to: end) : nil
        case .closed: nil
        }
    }

    /// Somebody asks now, who may. After a pause it is the trial.
    mutating func ask(at moment: ContinuousClock.Instant) {
        if isOpen { state = .trial(until: moment + pause) }
    }

    /// True where this closed it.
    mutating func succeed() -> Bool {
        defer { (state, failures) = (.closed, 0) }
        return isOpen
    }

    /// True where this opened it, and it was closed before.
    mutating func fail(at moment: ContinuousClock.Instant) -> Bool {
        failures += 1
        switch state {
        case .closed:
            guard failures >= limit else { return false }
            state = .open(until: moment + pause)
            return true
        case .trial: state = .open(until: moment + pause)
        // Asked before it was opened.
        case .open: break
        }
        return false
    }

    /// The question ended before it could tell anything: if it was the trial, the next one is.
    mutating func forget(at moment: ContinuousClock.Instant) {
        if case .trial = state { state = .open(until: moment) }
    }
}
