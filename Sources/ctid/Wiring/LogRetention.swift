import CTICore
import CTIPipeline
import Logging
import ServiceLifecycle

/// Removes what a tenant's log has kept long enough: at the start, and then every hour.
struct LogRetention: Sendable {
    let log: any EventLog
    let keeps: Duration
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await trim()
                try? await Task.sleep(for: .seconds(3600))
            }
        }
    }

    /// A log that cannot be written is told by whoever records; the next hour is early enough here.
    private func trim() async {
        let oldest = Clocks.wall().adding(.zero - keeps)
        guard let removed = try? await log.trim(before: oldest), removed > 0 else { return }
        logger.debug("\(removed) entries were older than the log keeps")
    }
}
