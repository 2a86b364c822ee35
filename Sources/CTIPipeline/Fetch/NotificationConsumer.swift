public import Hiredis

/// Who handles what a source fetched. It lives on the source's loop and is called in place.
public protocol NotificationConsumer: LoopActor {
    /// Takes a batch. The source fetches nothing further until ``RedisListSource/recorded()`` is called, which may
    /// happen before this returns: back-pressure ends at Redis.
    func take(_ batch: NotificationBatch, from source: RedisListSource)

    /// The newest notifications of this feed that were recorded, oldest first, at most `limit`: so that a source that
    /// was cut off before it removed them recognises them.
    func newestRecorded(limit: Int, feed: Feed) async -> [[UInt8]]

    /// Something changed that is to be said.
    func source(_ source: RedisListSource, report: SourceReport)
}

public enum SourceReport: Sendable {
    case connected(SourceStatus)
    /// At-least-once was asked for; this is why BLPOP is done instead.
    case fallenBack(reason: String)
    case failed(SourceTrouble, retryIn: Duration)
    /// Elements were gone when they were to be removed.
    case secondReader(missing: Int)
    /// Others wait on some list of the same database; told when that changes, empty where nobody does any more.
    case otherClients([OtherClient])
    case stopped
}
