import CTICore
import CTIHub
import CTIPipeline
import Hiredis
import Logging
import ServiceLifecycle
import Synchronization

/// Feeds systemd's watchdog while everything moves, and keeps the line that `systemctl status` shows.
///
/// What has to move: the pool on which this runs, the threads that serve HTTP, the thread of the Redis connections, and
/// each tenant's desk, log and sources. Whether Redis answers does not matter: a tenant whose Redis is down tries again,
/// which is moving, and a restart would cost the other tenants their sessions.
final class WatchdogFeeder: Service {
    private let notifier: SystemdNotifier
    private let tenants: TenantRegistry
    private let loop: RedisEventLoop
    private let logger: Logger
    private let interval: Duration
    private let book: Mutex<PulseBook>

    /// `systemctl status` is not older than this, whatever the watchdog wants.
    private static let longestInterval = Duration.seconds(5)

    init(
        _ notifier: SystemdNotifier, tenants: TenantRegistry, loop: RedisEventLoop, logger: Logger,
        book: PulseBook = PulseBook()
    ) {
        self.notifier = notifier
        self.tenants = tenants
        self.loop = loop
        self.logger = logger
        interval = min(Self.longestInterval, notifier.watchdog.map { $0 / 3 } ?? Self.longestInterval)
        self.book = Mutex(book)
    }

    /// To be stopped after all others: while they stop, it is still fed.
    func run() async {
        await withDiscardingTaskGroup { group in
            var told = ""
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                let look = book.withLock { $0.look(tenants.all.map(\.id), at: .now) }
                for part in look.questions { group.addTask { await self.ask(part) } }
                say(look)
                if look.stuck.isEmpty { notifier.feedWatchdog() }
                let status = status(look.stuck)
                if status != told, tenants.phase == .serving {
                    notifier.status(status)
                    told = status
                }
                await cancelWhenGracefulShutdown { try? await Task.sleep(for: self.interval) }
            }
            group.cancelAll()
        }
    }

    private func ask(_ part: PulseBook.Part) async {
        var pulse: TenantPulse?
        switch part {
        case .http: await HTTPThreads.turn()
        case .redis: await loop.turn()
        case .desk(let tenant): pulse = await tenants[tenant]?.gateway.pulse()
        // A log that cannot be read answers, too.
        case .log(let tenant): _ = try? await tenants[tenant]?.log.bounds()
        }
        book.withLock { $0.answered(part, pulse) }
    }

    /// Once for each trouble.
    private func say(_ look: PulseBook.Look) {
        for stuck in look.news {
            let consequence =
                notifier.watchdog == nil ? "" : ": the watchdog is not fed, systemd will restart the daemon"
            logger.critical("\(stuck.what) has not moved for \(stuck.lasted.components.seconds) s\(consequence)")
        }
        for what in look.recovered { logger.notice("\(what) moves again") }
    }

    private func status(_ stuck: [PulseBook.Stuck]) -> String {
        guard let first = stuck.first else {
            return book.withLock { $0.summary(of: tenants.all.map(\.id), problems: Set(tenants.problems.keys)) }
        }
        return "stuck: \(first.what), for \(first.lasted.components.seconds) s"
    }
}
