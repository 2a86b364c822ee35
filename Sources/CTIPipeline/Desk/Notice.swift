import CTICore

/// What came along with an event besides it. There is none for what the inbound list tells, which is nearly everything.
///
/// A class, so that it costs nothing to hand on where there is none.
final class Notice: Sendable {
    let origin: EntryOrigin
    /// As it was told; the event itself may have been corrected since.
    let account: CallAccount

    init(_ account: CallAccount, dialect: Dialect, feed: Feed) {
        self.account = account
        origin = EntryOrigin(feed: feed, dialect: dialect)
    }

    var facts: CallFacts { account.facts }

    /// Of an event that waits for its decision: all that another process needs to take it up.
    var receivedTrace: [UInt8] {
        .object {
            origin.write(to: &$0)
            ReceivedAccount(account).write(to: &$0)
        }
    }
}

/// An event on its way to its decision: as it counts for its call, and what is known of the call with it.
struct TrackedEvent {
    var event: CallEvent
    var tracked: CallTracker.Tracked
    /// At most so old; `nil` where nothing is known.
    var ageBound: Duration?
    var notice: Notice?

    init(_ event: CallEvent, _ tracked: CallTracker.Tracked, ageBound: Duration?, notice: Notice? = nil) {
        self.event = event
        self.tracked = tracked
        self.ageBound = ageBound
        self.notice = notice
    }
}
