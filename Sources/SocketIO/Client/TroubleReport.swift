/// What is said of a trouble that lasts: once, again when it is another, again every five minutes, and when it is over.
struct TroubleReport: Sendable {
    static let interval = Duration.seconds(300)

    private var said: (trouble: ClientTrouble, at: ContinuousClock.Instant)?

    mutating func isWorthSaying(_ trouble: ClientTrouble, at now: ContinuousClock.Instant) -> Bool {
        if let said, said.trouble == trouble, said.at.duration(to: now) < Self.interval { return false }
        said = (trouble, now)
        return true
    }

    /// Whether somebody was told of a trouble that is over now.
    mutating func isOver() -> Bool {
        defer { said = nil }
        return said != nil
    }
}
