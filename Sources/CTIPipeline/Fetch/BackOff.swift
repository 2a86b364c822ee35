/// How long to wait before the next try: doubling from 100 ms to 10 s, with jitter, so that many tenants of one server
/// do not come back all at once.
public struct BackOff: Sendable {
    public static let shortest = Duration.milliseconds(100)
    public static let longest = Duration.seconds(10)

    private var current = Self.shortest

    public init() {}

    public mutating func reset() { current = Self.shortest }

    public mutating func next() -> Duration { next(using: &Self.systemGenerator) }

    /// Between half of the current step and the whole of it.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { current = min(current * 2, Self.longest) }
        return current * Double.random(in: 0.5...1, using: &generator)
    }

    /// As the trouble wants it. The first try after something worked is quick whatever it was: a fail-over may have
    /// pointed the name elsewhere, and a permission that was taken away may be one that can be done without.
    mutating func next(_ pace: SourceTrouble.Pace) -> Duration { next(pace, using: &Self.systemGenerator) }

    mutating func next(_ pace: SourceTrouble.Pace, using generator: inout some RandomNumberGenerator) -> Duration {
        let isFirst = current == Self.shortest
        let doubling = next(using: &generator)
        switch pace {
        case .quick: return doubling
        case .steady: return .seconds(Double.random(in: 0.5...1, using: &generator))
        // With the time that connecting takes, a call pops within 12 s of the trouble's end.
        case .calm: return isFirst ? doubling : .seconds(Double.random(in: 5...8, using: &generator))
        }
    }

    private static var systemGenerator: SystemRandomNumberGenerator {
        get { SystemRandomNumberGenerator() }
        set { _ = newValue }
    }
}
