public import CTICore

/// How a sink is, at one moment: for metrics, `/readyz` and the log.
public struct SinkStatus: Sendable {
    public var name: SinkName
    public var delivered = 0
    /// From the moment an event was recorded until the receiver had it.
    public var times = Timings()
    /// Failed tries, by their code.
    public var failures: [SinkFailure.Code: Int] = [:]
    /// By code: those of ``SinkFailure``, and ``expired``.
    public var givenUp: [String: Int] = [:]
    public var deadLetters: Int { givenUp.values.reduce(0, +) }
    /// Entries that were trimmed from the log before this sink had read them are counted as one gap.
    public var gaps = 0
    /// Read and not done with; the rest of what waits is in the log.
    public var waiting = 0
    /// Of the oldest that waits.
    public var waitingSince: Timestamp?
    public var downSince: Timestamp?
    public var lastFailure: SinkFailure?
    /// What its kind of sink counts besides.
    public var counts: [(what: String, count: Int)] = []

    /// The code of what was not delivered within its time to live.
    public static let expired = "expired"

    public init(name: SinkName) { self.name = name }
}
