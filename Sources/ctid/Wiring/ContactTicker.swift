import Dispatch
import ServiceLifecycle
import Synchronization

/// Files that are looked at now and then.
protocol WatchedFiles: AnyObject, Sendable {
    /// How they look, where they are to be read now. Looks at the disk, which may not answer.
    func dueLook() -> FileWatch.Look?
    /// The look took so long that nobody waits for it any more; or it has come back after all.
    func disk(answers: Bool)
}

/// Looks at the contact files of all tenants now and then, and tells each store whose files are to be read again.
///
/// One timer and one thread for hundreds of tenants: a look takes microseconds. Where one does not come back, as of a share on
/// a network that is down, another thread goes on with the others, and that one is looked at again once it has.
/// Reading takes its time on a queue of the store's own.
final class ContactTicker: Service {
    private struct State {
        var entries: [ObjectIdentifier: ContactRound.Entry] = [:]
        var round: ContactRound?
        /// Whose look has not come back.
        var awaited: Set<ObjectIdentifier> = []
    }

    private let interval: Duration
    private let state = Mutex(State())

    /// A change is read when it has looked the same twice, so within 3 s; the promise is 5 s.
    init(interval: Duration = .milliseconds(1500)) { self.interval = interval }

    /// What is due, until whoever iterates is cancelled.
    func looks(of files: any WatchedFiles) -> AsyncStream<FileWatch.Look> {
        let id = ObjectIdentifier(files)
        let (stream, continuation) = AsyncStream.makeStream(
            of: FileWatch.Look.self, bufferingPolicy: .bufferingNewest(1))
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.entries.removeValue(forKey: id) }
        }
        state.withLock { $0.entries[id] = ContactRound.Entry(files: files, continuation: continuation) }
        return stream
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.interval)
                self.lookAtAll()
            }
        }
    }

    /// Nobody waits here for the disk.
    private func lookAtAll() {
        let round: ContactRound? = state.withLock { state in
            if let last = state.round, !last.isOver {
                guard let stuck = last.abandonIfStuck() else { return nil }
                state.awaited.insert(ObjectIdentifier(stuck))
                stuck.disk(answers: false)
            }
            state.round = ContactRound(state.entries.filter { !state.awaited.contains($0.key) }.map(\.value))
            return state.round
        }
        guard let round else { return }
        // A queue of its own: the former one's thread may still be held up.
        DispatchQueue(label: "contact files").async { [weak self] in
            guard let late = round.run() else { return }
            self?.state.withLock { state in
                state.awaited.remove(ObjectIdentifier(late))
                late.disk(answers: true)
            }
        }
    }
}

/// One look at the files of each store.
private final class ContactRound: Sendable {
    struct Entry: Sendable {
        let files: any WatchedFiles
        let continuation: AsyncStream<FileWatch.Look>.Continuation
    }

    private struct Progress {
        var done = 0
        var doneWhenAsked = -1
        var isAbandoned = false
    }

    private let entries: [Entry]
    private let progress = Mutex(Progress())

    init(_ entries: [Entry]) { self.entries = entries }

    var isOver: Bool { progress.withLock { $0.done == entries.count } }

    /// Blocks. Gives the one that came back after nobody waited for it any more; the rest is not looked at then.
    func run() -> (any WatchedFiles)? {
        for entry in entries {
            if let look = entry.files.dueLook() { entry.continuation.yield(look) }
            let isAbandoned = progress.withLock { progress in
                progress.done += 1
                return progress.isAbandoned
            }
            if isAbandoned { return entry.files }
        }
        return nil
    }

    /// The one at which it has stood still since it was asked last; from then on it is abandoned.
    func abandonIfStuck() -> (any WatchedFiles)? {
        progress.withLock { progress in
            guard progress.done < entries.count else { return nil }
            guard progress.done == progress.doneWhenAsked else {
                progress.doneWhenAsked = progress.done
                return nil
            }
            progress.isAbandoned = true
            return entries[progress.done].files
        }
    }
}
