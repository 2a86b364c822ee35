public import CTICore

/// Where a tenant's events go besides its streams: a webhook, a Socket.IO server, a Redis channel.
///
///     log ──▶ SinkCourier ── deliver ──▶ Sink ──▶ receiver
///              │  place in the log, order, retries, breaker, dead letters
///
/// A sink only knows how to hand one message over; all else is the courier's, and so alike for all sinks. It is told
/// what happened from the moment it is configured on, also what happened while the daemon was down.
public protocol Sink: Sendable {
    var name: SinkName { get }
    var settings: SinkSettings { get }
    /// Which entries of the log it may be told of.
    var selection: LogSelection { get }
    /// How it tells of an entry; `nil` where that is not for it. Pure: asked again after a restart, it says the same.
    func message(for entry: RecordedEntry) -> SinkMessage?
    /// Hands it over; returns once the receiver has it, and throws where it has not or nobody knows. Called for so many
    /// messages at once as ``SinkSettings/concurrency`` allows, those of one call one after the other.
    func deliver(_ message: SinkMessage) async throws(SinkFailure)
    /// Keeps what it needs to deliver, as a connection. Until cancelled; deliveries come while it runs.
    func run() async
    /// What it counts of its own, for metrics: names are labels. It only grows.
    func counts() -> [(what: String, count: Int)]
}

extension Sink {
    public func run() async {}
    public func counts() -> [(what: String, count: Int)] { [] }
}

/// What a sink is called in logs, metrics, dead letters, and beside its place in the log.
public struct SinkName: Sendable, Hashable, Comparable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable { case webhook, socketio, redis }

    public let kind: Kind
    /// Unique among the tenant's of its kind; no secret is in it.
    public let label: String

    public init(_ kind: Kind, _ label: String) {
        self.kind = kind
        self.label = label
    }

    public var description: String { "\(kind.rawValue) \(label)" }

    /// As ``description``; `nil` for what is none.
    public init?(_ description: String) {
        let parts = description.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        self.init(kind, String(parts[1]))
    }

    public static func < (one: SinkName, other: SinkName) -> Bool { one.description < other.description }
}

/// One event on its way to one sink.
public struct SinkMessage: Sendable, Hashable {
    /// Of the entry in the log that it tells of.
    public var position: Position
    /// The same at every try and after every restart, so that a receiver can drop a repeat.
    public var id: String
    /// `up`, `hangup` …, or `RealtimeCTI`.
    public var event: String
    /// Messages of one call keep their order; those without a call are in nobody's way.
    public var ref: CallRef?
    public var agent: Extension?
    /// When it was recorded; its time to live runs from here.
    public var at: Timestamp
    /// JSON.
    public var data: [UInt8]
    /// Where at the receiver, as a channel's name; `nil` where there is one place alone.
    public var address: String?

    public init(
        position: Position, id: String, event: String, ref: CallRef? = nil, agent: Extension? = nil, at: Timestamp,
        data: [UInt8], address: String? = nil
    ) {
        self.position = position
        self.id = id
        self.event = event
        self.ref = ref
        self.agent = agent
        self.at = at
        self.data = data
        self.address = address
    }
}

/// How patient a sink's courier is.
public struct SinkSettings: Sendable, Hashable {
    /// What could not be delivered within it is a dead letter.
    public var ttl: Duration
    /// So many messages are under way at once, of different calls.
    public var concurrency: Int
    /// Of one message; then it is a dead letter. Tries while the receiver as a whole is down do not count.
    public var attempts: Int
    /// Between two tries of a message, doubled from the first to the second, with jitter.
    public var backOff: ClosedRange<Duration>
    /// So many failures in a row, and the receiver counts as down: one message is tried at a time, see ``pause``.
    public var failuresUntilDown: Int
    /// Between two tries of a receiver that is down, doubled from the first to the second, with jitter.
    public var pause: ClosedRange<Duration>

    public init(
        ttl: Duration = .seconds(300), concurrency: Int = 4, attempts: Int = 12,
        backOff: ClosedRange<Duration> = .milliseconds(500) ... .seconds(600), failuresUntilDown: Int = 5,
        pause: ClosedRange<Duration> = .milliseconds(500) ... .seconds(30)
    ) {
        self.ttl = ttl
        self.concurrency = concurrency
        self.attempts = attempts
        self.backOff = backOff
        self.failuresUntilDown = failuresUntilDown
        self.pause = pause
    }
}

/// Why a message was not delivered. Its description carries no number, name, payload or secret.
public struct SinkFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The names are those of the dead letters' code and the metrics' label.
    public enum Code: String, Sendable, CaseIterable {
        /// No connection.
        case unreachable
        /// No answer in time, or it broke off: nobody knows whether it arrived.
        case unanswered
        /// An answer that is not a yes.
        case refused
        /// An answer that finds fault with this message, and takes others.
        case rejected
        /// Asked to come later.
        case throttled
        /// Not allowed to go there, by the tenant's file.
        case forbidden
    }

    public enum Retry: Sendable, Hashable {
        case later
        /// The receiver's own wish.
        case after(Duration)
        /// It would be refused again.
        case never
    }

    public let code: Code
    public let message: String
    public let retry: Retry

    public init(_ code: Code, _ message: String, retry: Retry = .later) {
        self.code = code
        self.message = message
        self.retry = retry
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
