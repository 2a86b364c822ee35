public import Hiredis

/// Who handles what was published. It lives on the source's loop and is called in place.
public protocol ChannelConsumer: LoopActor {
    /// Takes what one read brought, in its order; at most `ageBound` ago it was published.
    ///
    /// Nobody can be asked to wait: what cannot be taken is lost, and the consumer says so.
    func take(channelMessages: [ChannelMessage], ageBound: Duration)

    /// Something changed that is to be said.
    func channels(_ source: RedisChannelSource, report: ChannelReport)
}

public enum ChannelReport: Sendable {
    case subscribed(ChannelStatus)
    /// What is published from now on is lost, until it is subscribed again.
    case failed(SourceTrouble, retryIn: Duration)
    case stopped
}

/// What a channel source is doing, for `/readyz`, the metrics and the log.
public struct ChannelStatus: Sendable {
    /// When the server last said anything on this connection; `nil` where it never has.
    public var answeredAt: ContinuousClock.Instant?
    /// How often it was subscribed.
    public var connects = 0
    public var messages = 0
    /// As ``SourceStatus/turnedAt``.
    public internal(set) var turnedAt: ContinuousClock.Instant?

    init() {}
}
