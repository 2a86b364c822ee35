/// What is said of a trouble that lasts: once, again when it is another, again every five minutes, and when it is over.
struct TroubleReport: Sendable {
    static let interval = Duration.seconds(300)

    /// Troubles that take turns are each said once; with more than these, all are said again.
    static let memory = 8

    private var said: [ClientTrouble: ContinuousClock.Instant] = [:]

    mutating func isWorthSaying(_ trouble: ClientTrouble, at now: ContinuousClock.Instant) -> Bool {
        if let last = said[trouble], last.duration(to: now) < Self.interval { return false }
        if said.count >= Self.memory { said = [:] }
        said[trouble] = now
        return true
    }

    /// Whether somebody was told of a trouble that is over now.
    mutating func isOver() -> Bool {
        defer { said = [:] }
        return !said.isEmpty
    }
}
