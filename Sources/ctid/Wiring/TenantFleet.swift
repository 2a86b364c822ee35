import CTICore
import CTIHub
import CTIPipeline
import Logging
import ServiceLifecycle

/// All tenants side by side, each under a supervisor of its own. A reload adds, changes and removes them; who is not
/// concerned does not notice.
actor TenantFleet: Service {
    private let surroundings: RunningTenant.Surroundings
    private let registry: TenantRegistry
    private var members: [TenantID: TenantSupervisor] = [:]
    /// Removed, and still finishing what they had fetched.
    private var leaving: [TenantID: TenantSupervisor] = [:]
    private let work = AsyncStream.makeStream(of: (@Sendable () async -> Void).self)
    private var logger: Logger { surroundings.logger }

    init(_ surroundings: RunningTenant.Surroundings, registry: TenantRegistry) {
        self.surroundings = surroundings
        self.registry = registry
    }

    /// So many tenants are built at a time: opening a log waits for the disk.
    private static let width = 8

    /// The first try of each.
    ///
    /// - Returns: how many will run, now or once what is in the way has passed.
    func start(_ files: [TenantFile]) async -> Int {
        for file in files where file.tenant == nil { tellBroken(file) }
        let limits = surroundings.daemon.limits
        var waiting = files.compactMap { file in file.tenant.map { add(.init(tenant: $0, limits: limits)) } }[...]
        return await withTaskGroup { group in
            var count = 0
            for member in waiting.prefix(Self.width) { group.addTask { await member.start() } }
            waiting = waiting.dropFirst(Self.width)
            for await runs in group {
                if runs { count += 1 }
                if let next = waiting.popFirst() { group.addTask { await next.start() } }
            }
            return count
        }
    }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await gracefulShutdown()
                self.registry.enter(.stopping)
                await self.stopAll()
            }
            for await work in work.stream { group.addTask { await work() } }
        }
    }

    private func add(_ reading: TenantSupervisor.Reading) -> TenantSupervisor {
        let id = reading.tenant.id
        let member = TenantSupervisor(reading, in: surroundings, registry: registry, after: leaving[id])
        members[id] = member
        work.continuation.yield { await member.run() }
        return member
    }

    private func stopAll() async {
        work.continuation.finish()
        await withDiscardingTaskGroup { group in
            for member in members.values { group.addTask { await member.stop() } }
        }
    }

    // MARK: Reloads

    /// Takes up files that were read again. Comes back at once: each tenant takes its own time.
    func adopt(_ files: [TenantFile], limits: DaemonConfiguration.Limits) async {
        for file in files {
            guard let tenant = file.tenant else {
                tellBroken(file)
                continue
            }
            for finding in file.findings { logger.warning("\(finding)") }
            registry.setProblem(nil, of: tenant.id)
            let reading = TenantSupervisor.Reading(tenant: tenant, limits: limits)
            if let member = members[tenant.id] {
                await member.adopt(reading)
            } else {
                _ = add(reading)
                logger.info("tenant \(tenant.id) is added")
            }
        }
    }

    /// Those whose files are gone. Their logs stay.
    func remove(_ ids: [TenantID]) async {
        for id in ids {
            await members[id]?.leave()
            registry.remove(id)
            guard let member = members.removeValue(forKey: id) else { continue }
            logger.info(
                "tenant \(id) is removed, since its file is; its log stays in \(surroundings.daemon.dataDirectory)")
            leaving[id] = member
            work.continuation.yield {
                await member.stop()
                await member.ended()
                await self.forget(member)
            }
        }
    }

    private func forget(_ member: TenantSupervisor) {
        if leaving[member.id] === member { leaving[member.id] = nil }
    }

    private func tellBroken(_ file: TenantFile) {
        guard let id = file.id, let error = file.error else { return }
        if members[id] == nil {
            let reason = "its file is wrong: \(error)"
            logger.error("tenant \(id) is not started: \(reason)")
            registry.setProblem(Readiness(state: .failed, reason: reason, since: Clocks.wall()), of: id)
        } else {
            for finding in file.findings where finding.severity == .error { logger.error("\(finding)") }
            logger.error("tenant \(id) goes on with its last good file")
            let reason = "its file is wrong, and the last good one is in use: \(error)"
            registry.setProblem(Readiness(state: .degraded, reason: reason, since: Clocks.wall()), of: id)
        }
    }
}
