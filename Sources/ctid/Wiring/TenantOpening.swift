import CTICore
import CTIPipeline
import CTIStore
import Logging

/// Opens a tenant's log, and makes its desk with what the log tells of earlier. A damaged log is set aside, never
/// deleted, and a fresh one begun.
struct TenantOpening {
    let tenant: TenantConfiguration
    let paths: LogPaths
    let contacts: any ContactDirectory
    let lookup: (any ContactLookup)?
    let limits: DaemonConfiguration.Limits
    let surroundings: RunningTenant.Surroundings

    func deskAndLog() async throws -> (TenantDesk, SQLiteEventLog) {
        do {
            return try await openOnce()
        } catch let error as EventLogError where error.code == .corrupt {
            Self.tellOfDamage(
                setAsideAs: try SQLiteEventLog.setAside(path: paths.log, now: Clocks.wall()), tenant.id,
                surroundings.logger)
            return try await openOnce()
        }
    }

    private func openOnce() async throws -> (TenantDesk, SQLiteEventLog) {
        let log = try await SQLiteEventLog(
            path: paths.log, durability: LogDurability(surroundings.daemon.durability), pool: surroundings.logs,
            now: Clocks.wall,
            onDamage: { [id = tenant.id, logger = surroundings.logger] in
                Self.tellOfDamage(setAsideAs: $0, id, logger)
            })
        let desk = TenantDesk(
            profile: tenant.profile, log: log, contacts: contacts, lookup: lookup,
            inHand: try InHandFile(path: paths.inHand), cdrInHand: try paths.cdrInHand(tenant.redis),
            loop: surroundings.loop, logger: surroundings.logger,
            payloadLimit: surroundings.daemon.limits.payload, sessionsPerAgent: limits.sessionsPerAgent,
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
}

extension ContactStore {
    /// The directory of a tenant's file; its contact files are read when this comes back.
    convenience init(of tenant: TenantConfiguration, in surroundings: RunningTenant.Surroundings) async {
        await self.init(
            ContactFiles(tenant, dataDirectory: surroundings.daemon.dataDirectory), logger: surroundings.logger,
            tenant: tenant.id)
    }
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

    /// Of the list of records, where one is read.
    func cdrInHand(_ redis: RedisSettings) throws(EventLogError) -> any InHandStore {
        redis.keys.cdr == nil ? NoInHandStore() : try InHandFile(path: recordsInHand)
    }
}
