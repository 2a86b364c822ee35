public import CTICore
public import Hiredis

/// The desk's way without the desk: decodes, tracks, resolves and plans what a source fetched, and drops the result.
/// It is what the benchmarks measure, by the code that the desk runs.
public actor PlanningConsumer: NotificationConsumer {
    public nonisolated let loop: RedisEventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// How far a notification goes.
    public enum Depth: Sendable { case fetch, plan }

    private let planner: Planner
    private let contacts: any ContactDirectory
    private let depth: Depth
    private let now: @Sendable () -> Timestamp
    private let onBatch: @Sendable (Int) -> Void
    private let decoder = NotificationDecoder()
    private var tracker = CallTracker()
    /// Calls for which a rule asked for something.
    public private(set) var planned = 0

    /// - Parameter onBatch: told how many notifications a batch had, once it is done with.
    public init(
        profile: TenantProfile, contacts: any ContactDirectory = EmptyContactDirectory(), loop: RedisEventLoop,
        depth: Depth = .plan, now: @escaping @Sendable () -> Timestamp, onBatch: @escaping @Sendable (Int) -> Void
    ) {
        planner = Planner(profile)
        self.contacts = contacts
        self.loop = loop
        self.depth = depth
        self.now = now
        self.onBatch = onBatch
    }

    public func take(_ batch: NotificationBatch, from source: RedisListSource) {
        if depth == .plan {
            let moment = now()
            batch.withEach { plan($0, ageBound: batch.ageBound, at: moment) }
        }
        onBatch(batch.count)
        source.onLoop { $0.recorded() }
    }

    private func plan(_ bytes: UnsafeRawBufferPointer, ageBound: Duration?, at moment: Timestamp) {
        guard var heard = try? decoder.decode(bytes) else { return }
        let tracked = tracker.track(&heard, at: moment)
        let event = consume heard
        guard tracked.change != .repeated else { return }
        let call = PlannedCall(
            event, tracked, ageBound: ageBound, planner: planner, contacts: contacts)
        guard !call.outline.actions.isEmpty else { return }
        planned += 1
    }

    public func newestRecorded(limit: Int, feed: Feed) -> [[UInt8]] { [] }
    public func source(_ source: RedisListSource, report: SourceReport) {}
}
