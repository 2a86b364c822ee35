import CTICore
import CTIPipeline
import ServiceLifecycle
import Synchronization

/// The open boards of all tenants. Each tenant's are followed by a task of their own, so that none waits for another.
final class Boards: Service {
    private let feeds = Mutex<[TenantID: BoardFeed]>([:])
    private let tenants: TenantRegistry
    private let now: @Sendable () -> Timestamp
    /// At most twice a second: an eye sees no more, and a browser draws no more than it must.
    private let beat: Duration
    private let starts = AsyncStream.makeStream(of: BoardFeed.self)

    init(tenants: TenantRegistry, beat: Duration = .milliseconds(500), now: @escaping @Sendable () -> Timestamp) {
        self.tenants = tenants
        self.beat = beat
        self.now = now
    }

    func open(_ tenant: TenantID, _ outlet: any FrameOutlet) async -> SessionID {
        let feed = feed(of: tenant)
        let board = await feed.open(outlet)
        if await feed.mustRun() { starts.continuation.yield(feed) }
        return board
    }

    func close(_ board: SessionID, of tenant: TenantID) async { await feed(of: tenant).close(board) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await feed in self.starts.stream { group.addTask { await feed.run(every: self.beat) } }
            }
        }
    }

    private func feed(of id: TenantID) -> BoardFeed {
        feeds.withLock { feeds in
            if let feed = feeds[id] { return feed }
            let feed = BoardFeed(id: id, now: now) { [tenants] in tenants[id] }
            feeds[id] = feed
            return feed
        }
    }
}
