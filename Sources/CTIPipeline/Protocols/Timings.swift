/// How long something took, many times over: a histogram of fixed buckets, from 0.1 ms to 10 s.
///
/// A value, counted up by whoever owns it and copied when somebody looks: no lock, and no allocation for an observation.
public struct Timings: Sendable, Hashable {
    /// In seconds; the last bucket has no bound.
    public static let bounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// One more than ``bounds``, each for itself.
    public private(set) var counts: [Int]
    public private(set) var sum: Double

    public init() { self.init(counts: [Int](repeating: 0, count: Self.bounds.count + 1), sum: 0) }

    /// - Parameter counts: one more than ``bounds``.
    public init(counts: [Int], sum: Double) {
        self.counts = counts
        self.sum = sum
    }

    /// The same time for as many as shared it.
    public mutating func add(_ time: Duration, count: Int = 1) {
        let seconds = time.inSeconds
        counts[Self.bucket(of: seconds)] += count
        sum += seconds * Double(count)
    }

    public static func bucket(of seconds: Double) -> Int { bounds.firstIndex { seconds <= $0 } ?? bounds.count }
}
