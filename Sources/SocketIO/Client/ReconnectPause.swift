/// How long to wait before the next try to connect: doubled at each, with jitter, and short again after a connection
/// that lasted.
struct ReconnectPause: Sendable {
    static let shortest = Duration.milliseconds(500)
    static let longest = Duration.seconds(30)
    /// A server that takes us in and throws us out at once is not asked twice a second.
    static let lasting = Duration.seconds(5)

    private var next = shortest

    /// - Parameters:
    ///   - lasted: how long the connection was there; zero where none came to be.
    ///   - chance: 0 to 1.
    mutating func pause(after lasted: Duration, chance: Double) -> Duration {
        if lasted >= Self.lasting { next = Self.shortest }
        defer { next = min(next * 2, Self.longest) }
        return next / 2 + next / 2 * chance
    }
}
