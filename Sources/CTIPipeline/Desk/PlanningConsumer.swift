public import CTICore
public import Hiredis

/// The desk's way without the desk: decodes and plans what a source fetched, and drops the result. It is what the
/// benchmarks measure, by the code that the desk runs.
public actor PlanningConsumer: NotificationConsumer {
    public nonisolated let loop: RedisEventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// How far a notification goes.
    public enum Depth: Sendable { case fetch, plan }

    private let profile: TenantProfile
    private let depth: Depth
    private let onBatch: @Sendable (Int) -> Void
    private let decoder = NotificationDecoder()
    public private(set) var planned = 0

    /// - Parameter onBatch: told how many notifications a batch had, once it is done with.
    public init(
        profile: TenantProfile, loop: RedisEventLoop, depth: Depth = .plan,
        onBatch: @escaping @Sendable (Int) -> Void
    ) {
        self.profile = profile
        self.loop = loop
        self.depth = depth
        self.onBatch = onBatch
    }

    public func take(_ batch: NotificationBatch, from source: RedisListSource) {
        if depth == .plan { batch.withEach { plan($0) } }
        onBatch(batch.count)
        source.assumeIsolated { $0.recorded() }
    }

    private func plan(_ bytes: UnsafeRawBufferPointer) {
        guard let event = try? decoder.decode(bytes) else { return }
        let call = Call(event, queue: profile.queue(forDialed: event.dialed))
        let plan = Planner.plan(
            call: call, event: event.kind, agent: profile.agent(at: event.extension), contact: nil, profile: profile)
        if !plan.actions.isEmpty { planned += 1 }
    }

    public func newestRecorded(limit: Int) -> [[UInt8]] { [] }
    public func source(_ source: RedisListSource, report: SourceReport) {}
}
