import CTICore
import CTIHub
import Dispatch
import Logging
import ServiceLifecycle
import UnixSignals

/// Takes changes of the configuration folder up while the daemon runs: at SIGHUP all of it is read again, and within some
/// seconds a file that has changed, or that names one that has.
///
///     SIGHUP ────────────┐
///     a look now and then┴─▶ read and validate what is due ─▶ TenantFleet: added, changed, removed, or broken
///
/// What is broken changes nothing: the last good reading stays in use, which the log, `/readyz` and a metric say. A folder
/// that cannot be looked into is no folder without tenants: nobody is removed then.
actor ConfigurationReloader: Service {
    private let loader: ConfigurationLoader
    private let fleet: TenantFleet
    private let registry: TenantRegistry
    private let certificates: CertificateWatch?
    private let hooks: ReloadHooks
    private let logger: Logger
    /// Reading blocks: it has no place on the threads that calls run on.
    private let queue = DispatchQueue(label: "configuration")
    private var watch = ConfigurationWatch()
    private var listing = TenantListing()
    private var daemon: DaemonConfiguration
    /// By the path of the file; `nil` for one whose name is no tenant's.
    private var tenants: [String: TenantID?] = [:]
    private var isFolderMissed = false

    /// A change is read when it has looked the same twice, so within 3 s; the promise is 5 s.
    private static let interval = Duration.milliseconds(1500)

    init(
        _ loaded: LoadedConfiguration, daemon: DaemonConfiguration, loader: ConfigurationLoader, fleet: TenantFleet,
        registry: TenantRegistry, certificates: CertificateWatch?, hooks: ReloadHooks, logger: Logger
    ) {
        self.loader = loader
        self.fleet = fleet
        self.registry = registry
        self.certificates = certificates
        self.hooks = hooks
        self.logger = logger
        self.daemon = daemon
        watch.wasRead(loader.daemonFile, loaded.daemonLook, naming: [loader.daemonFile])
        for file in loaded.files {
            watch.wasRead(file.path, file.look, naming: file.watchedPaths)
            tenants[file.path] = file.id
        }
    }

    func run() async throws {
        let requests = AsyncStream.makeStream(of: Request.self)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) {
                        requests.continuation.yield(.everything)
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: Self.interval)
                        requests.continuation.yield(.changes)
                    }
                }
                for await request in requests.stream { await self.perform(request) }
                group.cancelAll()
            }
        }
    }

    private enum Request: Sendable { case everything, changes }

    private func perform(_ request: Request) async {
        let (listing, present) = await queue.value { [loader, listing] in
            var listing = listing
            return (listing, listing.files(of: loader))
        }
        self.listing = listing
        guard let present else { return sayMissed() }
        isFolderMissed = false
        var due: Set<String>
        (watch, due) = await queue.value { [watch, loader] in
            var watch = watch
            let changed = watch.due(present: present + [loader.daemonFile])
            return (watch, changed)
        }
        if request == .everything { due.formUnion(present + [loader.daemonFile]) }
        guard request == .everything || !due.isEmpty else { return }
        // Before that nobody has been told that it is ready, and afterwards that it stops.
        let isServing = registry.phase == .serving
        if isServing { await hooks.began() }
        if request == .everything { await certificates?.reload() }
        await reload(due, present: present, isComplete: request == .everything)
        if isServing, registry.phase == .serving { await hooks.ended() }
    }

    /// - Parameter isComplete: who is not listed is gone. A look now and then may come in the midst of a deployment: then
    ///   only what has looked the same twice counts.
    private func reload(_ due: Set<String>, present: [String], isComplete: Bool) async {
        var (due, isGood) = (due, true)
        if due.remove(loader.daemonFile) != nil {
            let limits = daemon.limits
            isGood = await reloadDaemon()
            if limits != daemon.limits { due.formUnion(present) }
        }
        let there = Set(present)
        let gone = due.union(isComplete ? Array(tenants.keys) : []).subtracting(there)
        let files = await queue.value { [loader, daemon, due] in
            due.intersection(there).sorted().map { loader.readTenant($0, daemon: daemon) }
        }
        for file in files { note(file) }
        await fleet.remove(gone.compactMap { forget($0) })
        await fleet.adopt(files, limits: daemon.limits)
        registry.reloads.note(isGood: isGood && files.allSatisfy { $0.tenant != nil }, at: Clocks.wall())
    }

    private func note(_ file: TenantFile) {
        watch.wasRead(file.path, file.look, naming: file.watchedPaths)
        tenants[file.path] = file.id
        if file.id == nil { for finding in file.findings { logger.error("\(finding)") } }
    }

    private func forget(_ path: String) -> TenantID? {
        watch.forget(path)
        return tenants.removeValue(forKey: path) ?? nil
    }

    /// False where it is wrong.
    private func reloadDaemon() async -> Bool {
        watch.wasRead(loader.daemonFile, FileWatch.Look(at: [loader.daemonFile]), naming: [loader.daemonFile])
        let (read, findings) = await queue.value { [loader] in loader.loadDaemon() }
        registry.reloads.setDaemonFile(isBroken: read == nil)
        for finding in findings { logger.log(level: finding.severity == .error ? .error : .warning, "\(finding)") }
        guard let read else {
            logger.error("the daemon goes on with its last good ctid.yaml")
            return false
        }
        let late = read.partsForNextStart(since: daemon)
        if !late.isEmpty {
            logger.warning(
                "ctid.yaml: \(late.joined(separator: ", ")): what was changed there takes effect at the next start")
        }
        daemon = daemon.adopting(read)
        return true
    }

    private func sayMissed() {
        guard !isFolderMissed else { return }
        isFolderMissed = true
        logger.error("\(loader.directory)/tenants cannot be looked into: all tenants go on with their last good files")
        registry.reloads.note(isGood: false, at: Clocks.wall())
    }
}

/// Told when a reload begins and when it is done: a service manager waits for that.
struct ReloadHooks: Sendable {
    var began: @Sendable () async -> Void = {}
    var ended: @Sendable () async -> Void = {}
}

/// The tenants' files, listed again only where their folder has changed.
struct TenantListing: Sendable {
    private var signature: FileSignature?
    private var files: [String]?

    /// `nil` where the folder cannot be looked into.
    mutating func files(of loader: ConfigurationLoader) -> [String]? {
        let now = FileSignature(path: loader.tenantsDirectory)
        // Two changes within a tick of the file system's clock look the same from outside.
        if let files, let signature, now == signature, !signature.isFresh { return files }
        signature = now
        files = loader.tenantFilesIfReadable()
        return files
    }
}
