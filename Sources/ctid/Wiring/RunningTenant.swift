import CTIContacts
import CTICore
import CTIHub
import CTIPipeline
import CTISinks
import CTIStore
import Hiredis
import Logging
import ServiceLifecycle

/// One tenant at work: its log, its desk, its sources. Built whole or not at all.
struct RunningTenant: Sendable {
    let desk: TenantDesk
    private let sources: TenantSources
    let hub: HubTenant
    private let retention: LogRetention
    private let contacts: ContactStore
    private let couriers: [SinkCourier]
    /// Of the daemon's time to stop, what sinks may have.
    private let flushTime: Duration

    /// What tenants share.
    struct Surroundings: Sendable {
        let daemon: DaemonConfiguration
        let loop: RedisEventLoop
        let logs: LogExecutorPool
        let logger: Logger
    }

    init(_ tenant: TenantConfiguration, in surroundings: Surroundings) async throws {
        guard ([tenant.redis.server] + tenant.sinks.redis.map(\.server)).allSatisfy({ !$0.usesTLS }) else {
            throw StartFailure("rediss:// is not supported yet, expected redis:// through a tunnel")
        }
        let paths = LogPaths(directory: surroundings.daemon.dataDirectory, tenant: tenant.id)
        contacts = await ContactStore(
            ContactFiles(tenant, dataDirectory: surroundings.daemon.dataDirectory),
            logger: surroundings.logger, tenant: tenant.id)
        let (desk, log) = try await Self.openDesk(tenant, paths, contacts, surroundings)
        self.desk = desk
        contacts.serve(desk)
        sources = TenantSources(tenant, desk: desk, watermark: try WatermarkFile(path: paths.watermark))
        await sources.introduce(to: desk)
        couriers = try await Self.couriers(tenant, log, desk)
        await desk.expect(couriers)
        flushTime = surroundings.daemon.shutdownTimeout * 0.7
        retention = LogRetention(
            log: log, keeps: surroundings.daemon.limits.logRetention, logger: desk.logger)
        hub = HubTenant(
            gateway: desk, log: log, tokens: try await Self.verifier(tenant.auth),
            page: PageSettings(
                crmOrigins: tenant.agentPage.crmOrigins, softphoneURL: tenant.agentPage.softphoneURL,
                maskNumbers: tenant.agentPage.maskNumbers),
            agents: tenant.profile.agents, dialler: Self.dialler(tenant), contacts: contacts)
    }

    /// Runs until a graceful shutdown; then the sources stop first, and what they fetched is recorded and delivered.
    func run() async {
        await withTaskGroup { group in
            group.addTask {
                try? await gracefulShutdown()
                await desk.giveUpWaiting()
                await sources.stop()
            }
            group.addTask {
                if await desk.finishWhatWasLeft() { await sources.run() }
                await flushSinks()
                await desk.stop()
            }
            for courier in couriers { group.addTask { await courier.run() } }
            group.addTask { await desk.run() }
            group.addTask { await retention.run() }
            group.addTask { await contacts.run() }
            await group.waitForAll()
        }
    }

    /// What was fetched is recorded by now; the sinks are told while there is time.
    private func flushSinks() async {
        await desk.recorded()
        await withTaskGroup { group in
            for courier in couriers { group.addTask { await courier.finish(within: flushTime) } }
        }
    }

    /// Each has found its place before anything new is recorded.
    private static func couriers(
        _ tenant: TenantConfiguration, _ log: SQLiteEventLog, _ desk: TenantDesk
    ) async throws(EventLogError) -> [SinkCourier] {
        let sinks = TenantSinks(tenant, loop: desk.loop, logger: desk.logger).sinks
        let couriers = sinks.map { SinkCourier($0, log: log, desk: desk, logger: desk.logger, now: Clocks.wall) }
        try await SinkCourier.forgetOthers(than: sinks.map(\.name), in: log)
        for courier in couriers { try await courier.prepare() }
        return couriers
    }

    /// The log, and the desk with what it tells of earlier. A damaged log is set aside, never deleted, and a fresh one
    /// begun.
    private static func openDesk(
        _ tenant: TenantConfiguration, _ paths: LogPaths, _ contacts: ContactStore, _ surroundings: Surroundings
    ) async throws -> (TenantDesk, SQLiteEventLog) {
        do {
            return try await openDeskOnce(tenant, paths, contacts, surroundings)
        } catch let error as EventLogError where error.code == .corrupt {
            let aside = try SQLiteEventLog.setAside(path: paths.log, now: Clocks.wall())
            tellOfDamage(setAsideAs: aside, tenant.id, surroundings.logger)
            return try await openDeskOnce(tenant, paths, contacts, surroundings)
        }
    }

    private static func openDeskOnce(
        _ tenant: TenantConfiguration, _ paths: LogPaths, _ contacts: ContactStore, _ surroundings: Surroundings
    ) async throws -> (TenantDesk, SQLiteEventLog) {
        let log = try await SQLiteEventLog(
            path: paths.log, durability: LogDurability(surroundings.daemon.durability), pool: surroundings.logs,
            now: Clocks.wall, onDamage: { tellOfDamage(setAsideAs: $0, tenant.id, surroundings.logger) })
        let desk = TenantDesk(
            profile: tenant.profile, log: log,
            contacts: contacts.directory,
            lookup: Self.lookup(tenant, surroundings.logger),
            inHand: try InHandFile(path: paths.inHand),
            cdrInHand: tenant.redis.keys.cdr == nil ? NoInHandStore() : try InHandFile(path: paths.recordsInHand),
            loop: surroundings.loop, logger: surroundings.logger,
            payloadLimit: surroundings.daemon.limits.payload,
            sessionsPerAgent: surroundings.daemon.limits.sessionsPerAgent,
            revealsNumbers: surroundings.daemon.log.revealNumbers, now: Clocks.wall)
        do {
            try await desk.restore()
        } catch {
            try? await log.close()
            throw error
        }
        return (desk, log)
    }

    private static func tellOfDamage(setAsideAs path: String, _ tenant: TenantID, _ logger: Logger) {
        logger.error(
            """
            tenant \(tenant): the event log is damaged: it was set aside as \(path) and a fresh one is begun; \
            repeats of earlier calls are not recognised, and streams cannot resume from before
            """)
    }

    private static func lookup(_ tenant: TenantConfiguration, _ logger: Logger) -> HTTPContactLookup? {
        guard let lookup = tenant.contacts.lookup else { return nil }
        var logger = logger
        logger[metadataKey: "tenant"] = "\(tenant.id)"
        return HTTPContactLookup(lookup.settings, token: lookup.token?.text) { [logger] report in
            switch report {
            case .leftOut(let count): logger.debug("contacts.lookup: entries of an answer left out: \(count)")
            case .opened(let failures):
                let pause = lookup.settings.breaker.pause.written
                logger.warning(
                    """
                    contacts.lookup: \(failures) failures in a row: asked again every \(pause); meanwhile calls have \
                    their contacts from the files
                    """)
            case .closed: logger.notice("contacts.lookup: answered again")
            }
        }
    }

    private static func dialler(_ tenant: TenantConfiguration) -> ClickToDialClient? {
        tenant.click2dial.map {
            ClickToDialClient(
                url: $0.url, outboundID: $0.outboundID, region: tenant.profile.region, generation: $0.generation)
        }
    }

    private static func verifier(_ auth: TenantConfiguration.Authentication) async throws -> TokenVerifier {
        switch auth {
        case .hs256(let secret?): try await TokenVerifier(hs256Secret: secret.bytes)
        case .publicKey(let pem?): try await TokenVerifier(publicKeyPEM: pem)
        case .jwks(let json?): try await TokenVerifier(jwks: Array(json.utf8))
        case .hs256(nil), .publicKey(nil), .jwks(nil): throw StartFailure("auth: the key's file is not there")
        }
    }
}

/// Why something could not be started, in words for the person who starts it.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Where a tenant's durable files are.
struct LogPaths {
    let log: String
    let watermark: String
    let inHand: String
    let recordsInHand: String

    init(directory: String, tenant: TenantID) {
        log = "\(directory)/\(tenant).sqlite"
        watermark = "\(directory)/\(tenant).empty-since"
        inHand = "\(directory)/\(tenant).in-hand"
        recordsInHand = "\(directory)/\(tenant).cdr.in-hand"
    }
}
