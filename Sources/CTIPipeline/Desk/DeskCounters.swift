public import CTICore

/// What a tenant's desk has done since it was started, for the metrics.
public struct DeskCounters: Sendable, Hashable {
    public var notifications = 0
    /// What became of them, and of what was posted or made up by the clock.
    public var handled = HandledCounts()
    /// By code: those of ``DecodeFailure``, and ``killedDaemon``.
    public var deadLetters: [String: Int] = [:]
    public var repeated: Int { handled.sum(of: .repeated) }
    public var stale: Int { handled.sum(of: .stale) }
    /// To a session each: one that is passed on is offered again.
    public var popsOffered = 0
    public var pops: [PopOutcome: Int] = [:]
    public var missed: [CallFrame.MissedReason: Int] = [:]
    /// What found no room, by the rule that decided so.
    public var dropped: [DropRule: Int] = [:]
    /// Connections that ended or were not made, each of them tried again.
    public var redisFailures: [Feed: Int] = [:]
    public var lookups = 0
    /// Unanswered in time, or refused.
    public var lookupFailures = 0
    public var commits = 0
    public var recordFailures = 0
    /// From the moment a batch was fetched until it was in the log, for each notification of it.
    public var recording: [Feed: Timings] = [.inbound: Timings()]
    /// From the moment a pop was sent until its page said that it is shown.
    public var showing = Timings()

    /// The code of a notification that ended the daemon again and again.
    public static let killedDaemon = "killed-daemon"

    public init() {}
}

/// What became of a pop. The names are those of the metrics' label.
public enum PopOutcome: String, CaseIterable, Sendable {
    case shown, blocked, dismissed, handled
    /// The session did not answer in time: it was passed on, or stays with the only one.
    case unacknowledged
    /// It was recorded too late to be shown.
    case expired
}

/// Whatever is bounded and drops something. The names are those of the metrics' label.
public enum DropRule: String, CaseIterable, Sendable {
    /// Messages of agents' channels that recording did not keep up with are lost.
    case channelRoom = "channel_room"
    /// Posted events are refused with 503 while too many wait to be recorded.
    case postedRoom = "posted_room"
    /// The oldest stream of an agent gives way to one too many.
    case sessionsPerAgent = "sessions_per_agent"
}
