/// One of a tenant's lists as the desk sees it: who fetches from it, what of it is in hand, what is to be said of it.
struct DeskList {
    let inHand: any InHandStore
    weak var source: RedisListSource?
    var reports = ListReports()
}

/// The lists of a tenant. Each is alone with its batches and its troubles: what is wrong with one never holds up another.
struct DeskLists {
    private var inbound: DeskList
    private var cdr: DeskList

    init(inbound: any InHandStore, cdr: any InHandStore) {
        self.inbound = DeskList(inHand: inbound)
        self.cdr = DeskList(inHand: cdr)
    }

    subscript(feed: Feed) -> DeskList {
        get { feed == .cdr ? cdr : inbound }
        set { if feed == .cdr { cdr = newValue } else { inbound = newValue } }
    }

    /// Asked for with every batch: not by way of a copy of the whole.
    func inHand(of feed: Feed) -> any InHandStore { feed == .cdr ? cdr.inHand : inbound.inHand }

    static let feeds = [Feed.inbound, .cdr]

    /// What they handed over is handled, and waits for a log that cannot be written.
    func waitForLog() {
        for feed in Self.feeds { inHand(of: feed).waitsForLog() }
    }
}
