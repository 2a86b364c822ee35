public import CTICore

/// What was fetched and is not in the event log yet, kept where a killed process leaves it behind.
///
///     empty ──hold──▶ held ──recorded──▶ recorded ──hold──▶ held …
///                      │
///                 the process dies: the next one finds it, and counts the deaths
///
/// Called in place on the tenant's loop for every batch, so it takes microseconds and never fails: a batch that cannot
/// be kept here is only known less well after a death.
public protocol InHandStore: Sendable {
    /// Replaces what was kept.
    func hold(_ batch: NotificationBatch, at moment: Timestamp)
    /// All of it is in the event log now. It stays readable: at least once, it is still to be removed from the list.
    func recorded()

    /// What is kept now; `nil` for nothing.
    func contents() -> InHand?
    /// From now on the one at `index` alone is being handled: a death is its death.
    func takeUp(_ index: Int)
    /// All of it is handled and waits for a log that cannot be written: a death now is nobody's fault.
    func waitsForLog()
}

/// A batch as an ``InHandStore`` kept it.
public struct InHand: Sendable, Equatable {
    public var notifications: [[UInt8]]
    public var isRecorded: Bool
    public var fetchedAt: Timestamp
    /// At most so old was each when it was fetched; `nil` where nothing was known.
    public var ageBound: Duration?
    /// How often a process ended while it was busy with the batch as a whole.
    public var deaths: Int
    /// The one that was being handled alone, and how often a process ended meanwhile. Those before it are done with.
    public var index: Int
    public var deathsAtIndex: Int

    public init(
        notifications: [[UInt8]], isRecorded: Bool = false, fetchedAt: Timestamp, ageBound: Duration?,
        deaths: Int = 0, index: Int = 0, deathsAtIndex: Int = 0
    ) {
        self.notifications = notifications
        self.isRecorded = isRecorded
        self.fetchedAt = fetchedAt
        self.ageBound = ageBound
        self.deaths = deaths
        self.index = index
        self.deathsAtIndex = deathsAtIndex
    }

    /// So many processes ended while they were busy with the one at `index`, as far as can be told.
    public func deaths(at index: Int) -> Int { deaths + (index == self.index ? deathsAtIndex : 0) }

    /// An element that ended so many processes is not tried again.
    public static let fatalDeaths = 3
}

/// Keeps nothing: for tests, and where there is no folder.
public struct NoInHandStore: InHandStore {
    public init() {}
    public func hold(_ batch: NotificationBatch, at moment: Timestamp) {}
    public func recorded() {}
    public func contents() -> InHand? { nil }
    public func takeUp(_ index: Int) {}
    public func waitsForLog() {}
}
