/// How long to wait before the next try: doubling from 100 ms to 10 s, with jitter, so that many tenants of one server
/// do not come back all at once.
struct BackOff: Sendable {
    static let shortest = Duration.milliseconds(100)
    static let longest = Duration.seconds(10)

    private var current = Self.shortest

    mutating func reset() { current = Self.shortest }

    mutating func next() -> Duration { next(using: &Self.systemGenerator) }

    /// Between half of the current step and the whole of it.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { current = min(current * 2, Self.longest) }
        return current * Double.random(in: 0.5...1, using: &generator)
    }

    private static var systemGenerator: SystemRandomNumberGenerator {
        get { SystemRandomNumberGenerator() }
        set { _ = newValue }
    }
}
