import CTIContacts
import CTICore
import CTIHub
import CTIPipeline
import CTIStore
import Hiredis
import Logging

/// One tenant at work: its log, its desk, its sources, its sinks. Built whole or not at all.
///
///     run ─▶ desk ·············· as long as the tenant is there: calls and streams never notice a reload
///        └─▶ duties ─▶ fetching, contacts, retention, a courier for each sink
///                          ▲ adopt(): those whose settings changed end, and others take their place
///
/// A reload that cannot be done leaves all as it was.
actor RunningTenant {
    nonisolated let desk: TenantDesk
    /// As requests see it.
    private(set) var hub: HubTenant
    private var configuration: TenantConfiguration
    private var limits: DaemonConfiguration.Limits
    private let surroundings: Surroundings
    private let log: SQLiteEventLog
    private let paths: LogPaths

    private var lookup: HTTPContactLookup?
    private var contacts: ContactStore
    private var reading: Duty
    private var sources: TenantSources
    /// What ``sources`` were made of.
    private var read: RedisSettings
    private var fetching: Duty
    private let couriers = TenantCouriers()
    private var retention: Duty
    private var isStopping = false
    private let duties = AsyncStream.makeStream(of: Duty.self)

    /// What tenants share.
    struct Surroundings: Sendable {
        let daemon: DaemonConfiguration
        let loop: RedisEventLoop
        let logs: LogExecutorPool
        let logger: Logger
        let clientLists = ClientLists()
        let contactTicker = ContactTicker()
    }

    init(
        _ tenant: TenantConfiguration, limits: DaemonConfiguration.Limits, in surroundings: Surroundings
    ) async throws {
        let tokens = try await tenant.tokenVerifier()
        (configuration, self.limits, self.surroundings, read) = (tenant, limits, surroundings, tenant.redis)
        paths = LogPaths(directory: surroundings.daemon.dataDirectory, tenant: tenant.id)
        let contacts = await ContactStore(of: tenant, in: surroundings)
        let lookup = tenant.contactLookup(surroundings.logger)
        let (desk, log) = try await TenantOpening(
            tenant: tenant, paths: paths, contacts: contacts.directory, lookup: lookup, limits: limits,
            surroundings: surroundings
        ).deskAndLog()
        contacts.serve(desk)
        let sources = try TenantSources(tenant, desk: desk, paths: paths, clientLists: surroundings.clientLists)
        await sources.introduce(to: desk)
        (self.desk, self.log, self.contacts, self.lookup, self.sources) = (desk, log, contacts, lookup, sources)
        hub = HubTenant(tenant, desk: desk, log: log, tokens: tokens, contacts: contacts)
        fetching = Duty { if await desk.finishWhatWasLeft() { await sources.run() } }
        reading = Duty { await contacts.run(by: surroundings.contactTicker) }
        retention = Self.retention(log, limits, desk)
        // Each has found its place before anything new is recorded.
        start(try await couriers.adopt(sinks, log: log, desk: desk))
    }

    /// Runs until ``stop()``.
    func run() async {
        start([fetching, reading, retention])
        let duties = duties.stream
        await withDiscardingTaskGroup { group in
            group.addTask { await self.desk.run() }
            for await duty in duties { group.addTask { await duty.run() } }
        }
        // A log that is closed is read by nobody any more: whoever still asks is told so.
        try? await log.close()
    }

    /// The sources stop first; what they fetched is recorded and, as far as time allows, delivered.
    func stop() async {
        guard !isStopping else { return }
        isStopping = true
        await desk.giveUpWaiting()
        await sources.stop()
        await fetching.ended()
        await desk.recorded()
        // Of the daemon's time to stop, what sinks may have.
        await couriers.finish(within: surroundings.daemon.shutdownTimeout * 0.7)
        await desk.stop()
        // They know each other.
        await desk.expect([SinkCourier]())
        await reading.end()
        await retention.end()
        duties.continuation.finish()
    }

    private func start(_ new: [Duty]) { for duty in new { duties.continuation.yield(duty) } }

    private var sinks: TenantSinks {
        TenantSinks(tenant: configuration, loop: desk.loop, logger: desk.logger)
    }

    private static func retention(_ log: SQLiteEventLog, _ limits: DaemonConfiguration.Limits, _ desk: TenantDesk)
        -> Duty
    {
        let retention = LogRetention(log: log, keeps: limits.logRetention, logger: desk.logger)
        return Duty { await retention.run() }
    }
}

// MARK: A reload

extension RunningTenant {
    /// Takes up another reading of the tenant's file: from here on calls are decided by it, and requests see it, once
    /// whoever calls has handed on ``hub``. Calls, pops and open streams stay. ``exchange()`` does the rest.
    ///
    /// - Throws: where it cannot be done; then nothing was changed.
    func adopt(_ new: TenantConfiguration, limits newLimits: DaemonConfiguration.Limits) async throws {
        guard !isStopping else { return }
        let tokens = try await new.tokenVerifier()
        let (old, oldLimits) = (configuration, limits)
        (configuration, limits) = (new, newLimits)
        if new.contacts.paths != old.contacts.paths || new.contacts.columns != old.contacts.columns
            || new.profile.region != old.profile.region
        {
            await exchangeContacts()
        }
        if new.contacts.lookup != old.contacts.lookup { lookup = new.contactLookup(surroundings.logger) }
        await desk.adopt(
            new.profile, contacts: contacts.directory, lookup: lookup, sessionsPerAgent: limits.sessionsPerAgent)
        hub = HubTenant(new, desk: desk, log: log, tokens: tokens, contacts: contacts)
        if limits.logRetention != oldLimits.logRetention {
            await retention.end()
            guard !isStopping else { return }
            retention = Self.retention(log, limits, desk)
            start([retention])
        }
    }

    /// Ends the connections to Redis and the sinks whose settings have changed, and begins others. May take seconds: what
    /// was fetched is recorded before anything else is, and a sink may finish what it has under way.
    ///
    /// - Throws: where the event log or a file beside it cannot be written; to be called again then.
    func exchange() async throws {
        if configuration.redis != read { try await exchangeSources() }
        guard !isStopping else { return }
        start(try await couriers.adopt(sinks, log: log, desk: desk))
    }

    private func exchangeContacts() async {
        let former = reading
        // An import that is under way there is read by the new one.
        contacts.serve(nil)
        contacts = await ContactStore(of: configuration, in: surroundings)
        await former.end()
        guard !isStopping else { return }
        contacts.serve(desk)
        reading = Duty { [contacts, surroundings] in await contacts.run(by: surroundings.contactTicker) }
        start([reading])
    }

    private func exchangeSources() async throws {
        let redis = configuration.redis
        // What may fail comes first: until then all is as it was.
        let new = try TenantSources(
            configuration, desk: desk, paths: paths, clientLists: surroundings.clientLists)
        let isFirstOrLast = (redis.keys.cdr == nil) != (read.keys.cdr == nil)
        let cdrInHand = isFirstOrLast ? try paths.cdrInHand(redis) : nil
        await sources.stop()
        await fetching.ended()
        await desk.recorded()
        guard !isStopping else { return }
        await desk.changeLists(cdrInHand: cdrInHand)
        await new.introduce(to: desk)
        // From here on nothing is waited for: whoever stops the tenant finds the former sources, or these at work.
        guard !isStopping else { return }
        (sources, read) = (new, redis)
        fetching = Duty { await new.run() }
        start([fetching])
    }
}

extension HubTenant {
    fileprivate init(
        _ tenant: TenantConfiguration, desk: TenantDesk, log: SQLiteEventLog, tokens: TokenVerifier,
        contacts: ContactStore
    ) {
        self.init(
            gateway: desk, log: log, tokens: tokens, page: tenant.pageSettings, agents: tenant.profile.agents,
            dialler: tenant.dialler, contacts: contacts)
    }
}

/// Why something could not be started, in words for the person who starts it.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
    /// Nothing is wrong with the configuration: a disk may be full, or not there yet, and another try may go well.
    let mayPass: Bool

    init(_ description: String, mayPass: Bool = false) {
        self.description = description
        self.mayPass = mayPass
    }
}
