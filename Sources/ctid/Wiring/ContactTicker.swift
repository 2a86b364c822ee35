import Dispatch
import ServiceLifecycle
import Synchronization

/// Looks at the contact files of all tenants now and then, and tells each store whose files are to be read again.
///
/// One timer and one thread for hundreds of tenants: a look takes microseconds. Reading takes its time on a queue of the
/// store's own.
final class ContactTicker: Service {
    private struct Entry: Sendable {
        let store: ContactStore
        let continuation: AsyncStream<FileWatch.Look>.Continuation
    }

    /// A change is read when it has looked the same twice, so within 3 s; the promise is 5 s.
    private static let interval = Duration.milliseconds(1500)

    private let entries = Mutex<[ObjectIdentifier: Entry]>([:])
    /// Looking blocks, for a moment.
    private let queue = DispatchQueue(label: "contact files")

    /// What is due, until whoever iterates is cancelled.
    func looks(of store: ContactStore) -> AsyncStream<FileWatch.Look> {
        let id = ObjectIdentifier(store)
        let (stream, continuation) = AsyncStream.makeStream(
            of: FileWatch.Look.self, bufferingPolicy: .bufferingNewest(1))
        continuation.onTermination = { [weak self] _ in _ = self?.entries.withLock { $0.removeValue(forKey: id) } }
        entries.withLock { $0[id] = Entry(store: store, continuation: continuation) }
        return stream
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                let all = self.entries.withLock { Array($0.values) }
                await self.queue.value {
                    for entry in all {
                        if let look = entry.store.dueLook() { entry.continuation.yield(look) }
                    }
                }
            }
        }
    }
}
