import CTICore
import CTIHub
import CTIPipeline
import Logging

/// One tenant's life: builds it, runs it, hands it each new reading of its file, and tries again what fails. Its troubles
/// are its own: it waits for nobody, and nobody waits for it.
///
///     start ─▶ built ─▶ runs ─▶ stop
///       │        ▲       │ ▲ another reading of its file: adopted in place
///       └─ failed ┘      └─┘
///          again after 100 ms to 10 s, or at once with another reading
actor TenantSupervisor {
    /// A reading of the tenant's file, and the part of `ctid.yaml` that it obeys.
    struct Reading: Hashable, Sendable {
        var tenant: TenantConfiguration
        var limits: DaemonConfiguration.Limits
    }

    nonisolated let id: TenantID
    private let surroundings: RunningTenant.Surroundings
    private let registry: TenantRegistry
    private let logger: Logger
    /// Whoever had the name before: two must not write into one log.
    private var predecessor: TenantSupervisor?
    private var wanted: Reading
    /// What the tenant runs by.
    private var adopted: Reading?
    private var tenant: RunningTenant?
    /// What it was last tried to build it of.
    private var tried: Reading?
    private var saidFailure: String?
    /// The last try failed for what the tenant's file says.
    private var isFileAtFault = false
    private var isStopping = false
    private var retries = BackOff()
    private var sleeper: CheckedContinuation<Void, Never>?
    private let news = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private var hasEnded = false
    private var endWaiters: [CheckedContinuation<Void, Never>] = []

    init(
        _ wanted: Reading, in surroundings: RunningTenant.Surroundings, registry: TenantRegistry,
        after predecessor: TenantSupervisor? = nil
    ) {
        id = wanted.tenant.id
        self.wanted = wanted
        self.surroundings = surroundings
        self.registry = registry
        self.predecessor = predecessor
        var logger = surroundings.logger
        logger[metadataKey: "tenant"] = "\(wanted.tenant.id)"
        self.logger = logger
    }

    /// The first try, so that it is known how many there are before the daemon says that it is ready.
    ///
    /// - Returns: whether the tenant will run, be it later: a disk that is full is no mistake in its file.
    func start() async -> Bool {
        await build()
        return tenant != nil || !isFileAtFault
    }

    /// Until ``stop()``.
    func run() async {
        await predecessor?.ended()
        predecessor = nil
        await withTaskGroup { group in
            group.addTask { await self.live() }
            group.addTask { for await _ in self.news.stream { await self.keepUp() } }
            await group.next()
            group.cancelAll()
        }
        hasEnded = true
        for waiter in endWaiters { waiter.resume() }
        endWaiters = []
    }

    /// Another reading of its file. Comes back at once; ``keepUp()`` does it.
    func adopt(_ reading: Reading) {
        wanted = reading
        news.continuation.yield()
        wake()
    }

    /// From here on nobody is told of it any more: its name may be another's.
    func leave() { isStopping = true }

    /// Comes back once all is recorded, delivered as far as time allows, and closed.
    func stop() async {
        isStopping = true
        wake()
        await tenant?.stop()
    }

    func ended() async {
        guard !hasEnded else { return }
        await withCheckedContinuation { endWaiters.append($0) }
    }

    // MARK: At work

    private func live() async {
        while !isStopping || tenant != nil {
            if tenant == nil { await build() }
            if let tenant {
                await live(tenant)
            } else if !isStopping, wanted == tried {
                await pause(for: retries.next())
            }
        }
    }

    /// One that was stopped before it began is run all the same: what it has opened ends there.
    private func live(_ tenant: RunningTenant) async {
        await withTaskGroup { group in
            group.addTask { await tenant.run() }
            if isStopping { group.addTask { await tenant.stop() } }
        }
        (self.tenant, adopted) = (nil, nil)
    }

    private func build() async {
        let goal = wanted
        tried = goal
        do {
            let tenant = try await RunningTenant(goal.tenant, limits: goal.limits, in: surroundings)
            (self.tenant, adopted) = (tenant, goal)
            show(await tenant.hub)
            succeed("started")
            // Read again meanwhile.
            if wanted != goal { news.continuation.yield() }
        } catch {
            isFileAtFault = !(error is EventLogError)
            fail("is not started: \(error)", state: .failed)
        }
    }

    private func keepUp() async {
        while !isStopping, let tenant, let adopted, adopted != wanted {
            let goal = wanted
            do {
                try await tenant.adopt(goal.tenant, limits: goal.limits)
                show(await tenant.hub)
                try await tenant.exchange()
                guard !isStopping else { return }
                self.adopted = goal
                let changes = goal.tenant.changes(since: adopted.tenant)
                logger.info("reloaded: \(changes.isEmpty ? "limits" : changes.joined(separator: ", "))")
                succeed("reloaded")
            } catch {
                fail("its new file cannot be taken up: \(error)", state: .degraded)
                await pause(for: retries.next())
            }
        }
    }

    private func show(_ hub: HubTenant) {
        if !isStopping { registry.update(hub) }
    }

    // MARK: Failing

    /// Said once, however often it is tried.
    private func fail(_ reason: String, state: Readiness.State) {
        guard !isStopping else { return }
        registry.setFailure(Readiness(state: state, reason: reason, since: Clocks.wall()), of: id)
        guard saidFailure != reason else { return }
        saidFailure = reason
        logger.error("\(reason); tried again and again")
    }

    private func succeed(_ what: String) {
        retries.reset()
        if !isStopping { registry.setFailure(nil, of: id) }
        if saidFailure != nil { logger.notice("\(what) after all") }
        saidFailure = nil
    }

    private func pause(for delay: Duration) async {
        await withTaskGroup { group in
            group.addTask {
                try? await Task.sleep(for: delay)
                await self.wake()
            }
            await withCheckedContinuation { sleeper = $0 }
            group.cancelAll()
        }
    }

    private func wake() {
        sleeper?.resume()
        sleeper = nil
    }
}
