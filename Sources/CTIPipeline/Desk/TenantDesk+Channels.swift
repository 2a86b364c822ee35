import CTICore
import Hiredis
import Logging

/// What a desk knows of the source of its agents' channels.
struct DeskChannels {
    weak var source: RedisChannelSource?
    var trouble = TroubleLog()
    var isConnected = false
}

extension TenantDesk: ChannelConsumer {
    /// So much may wait for a log that cannot be written. What is published beyond is lost, and counted; what is posted
    /// is refused.
    private static let room = 8192

    var hasRoom: Bool { outbox.items.count < Self.room && lanes.count < 4 * Self.laneLimit }

    public func take(channelMessages messages: [ChannelMessage], ageBound: Duration) {
        let moment = now()
        for (index, message) in messages.enumerated() {
            guard hasRoom else {
                sayLost(messages.count - index)
                break
            }
            counters.notifications += 1
            message.notification.withUnsafeBytes { admit($0, feed: .agents, ageBound: ageBound, at: moment) }
        }
        if !outbox.isEmpty { wakeCommitter() }
    }

    /// From now on the metrics and `/readyz` know that channels are listened to, also before anything is said there.
    public func expect(_ source: RedisChannelSource) { channels.source = source }

    public func channels(_ source: RedisChannelSource, report: ChannelReport) {
        expect(source)
        switch report {
        case .subscribed: saySubscribed(to: source)
        case .failed(let trouble, _):
            counters.redisFailures[.agents, default: 0] += 1
            if let line = channels.trouble.failed(trouble, at: now()) { say(line, of: trouble) }
        case .stopped: break
        }
    }

    private func saySubscribed(to source: RedisChannelSource) {
        if let lasted = channels.trouble.ended(at: now()), channels.isConnected {
            logger.warning(
                """
                listening to \(source.pattern) again, after \(lasted.inWords): what was published meanwhile is lost, and \
                agents may be in other states by now
                """)
        }
        logger.log(level: channels.isConnected ? .debug : .info, "listening to Redis at \(source.place)")
        channels.isConnected = true
    }
}
