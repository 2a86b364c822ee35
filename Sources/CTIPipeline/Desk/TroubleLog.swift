import CTICore

/// When a trouble with the list is said: each kind once, again every five minutes while it lasts, its end once.
///
/// Two troubles that take turns are told once each, and not at every turn.
struct TroubleLog: Sendable {
    static let interval = Duration.seconds(300)

    private(set) var current: SourceTrouble?
    private(set) var since: Timestamp?
    private var said: [SourceTrouble.Kind: Timestamp] = [:]

    /// What is to be said now, if anything.
    mutating func failed(_ trouble: SourceTrouble, at moment: Timestamp) -> String? {
        current = trouble
        let start = since ?? moment
        since = start
        if let last = said[trouble.kind], moment.since(last) < Self.interval { return nil }
        said[trouble.kind] = moment
        let lasted = moment.since(start)
        return lasted < .seconds(1) ? "\(trouble)" : "\(trouble); no \(trouble.feed.goods) for \(lasted.inWords) now"
    }

    /// How long it lasted; `nil` where there was none.
    mutating func ended(at moment: Timestamp) -> Duration? {
        defer { self = TroubleLog() }
        return since.map { moment.since($0) }
    }
}

/// Says something that recurs at most once a minute: the first time at once, further ones gathered with their count.
struct Gathering: Sendable {
    static let interval = Duration.seconds(60)

    private(set) var pending = 0
    private var saidAt: Timestamp?

    /// How many are to be said now; `nil` where it is too early: then ``flush(at:)`` is due within the minute.
    mutating func add(_ count: Int, at moment: Timestamp) -> Int? {
        pending += count
        return flush(at: moment)
    }

    mutating func flush(at moment: Timestamp) -> Int? {
        if let saidAt, moment.since(saidAt) < Self.interval { return nil }
        guard pending > 0 else { return nil }
        defer { pending = 0 }
        saidAt = moment
        return pending
    }
}

extension Duration {
    /// `12 s`, `3 min`, `2 h 5 min`.
    var inWords: String {
        let seconds = components.seconds
        return switch seconds {
        case ..<60: seconds == 0 ? "\(milliseconds) ms" : "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}
