import CTIPipeline
import Foundation
import Synchronization

/// A serial executor that runs on the threads of a ``LogExecutorPool``: one for each log.
///
/// SQLite blocks, and a blocked thread of Swift's own pool would stop everybody. So a log's actor runs here. Work is
/// done strictly one after the other, in the order it came, on whichever of the pool's threads is free:
///
///     log A ─ jobs ─▶ LogExecutor A ─┐                      ┌─▶ thread 1
///     log B ─ jobs ─▶ LogExecutor B ─┼─▶ LogExecutorPool ───┤
///     log C ─ jobs ─▶ LogExecutor C ─┘   (those with work)  └─▶ thread 2
public final class LogExecutor: SerialExecutor {
    private enum Work: Sendable {
        case job(UnownedJob)
        case action(@Sendable () -> Void)
    }

    private struct Line: Sendable {
        var work: [Work] = []
        /// In the pool's line, or being served by one of its threads.
        var isScheduled = false
    }

    /// How often a thread takes what has gathered before it turns to the next log, so that a busy one starves nobody.
    private static let turnsAtOnce = 16

    private let line = Mutex(Line())
    /// The thread that is serving this executor; 0 for none.
    private let runner = Atomic<UInt>(0)
    private let pool: LogExecutorPool

    init(pool: LogExecutorPool) {
        self.pool = pool
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.job(UnownedJob(job)))
    }

    /// Runs `action` after all that is in line already.
    func enqueue(_ action: @escaping @Sendable () -> Void) {
        enqueue(.action(action))
    }

    /// Runs `body`, which may block, here; the caller waits without holding a thread.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () -> Result<Value, EventLogError>
    ) async throws(EventLogError) -> Value {
        let result = await withCheckedContinuation { continuation in
            enqueue { continuation.resume(returning: body()) }
        }
        return try result.get()
    }

    public func checkIsolated() {
        precondition(isServedHere, "not on the log's executor")
    }

    public func isIsolatingCurrentContext() -> Bool? { isServedHere }

    private var isServedHere: Bool { runner.load(ordering: .relaxed) == Self.currentThread }

    private static var currentThread: UInt { UInt(pthread_self()) }

    private func enqueue(_ work: Work) {
        let mustSchedule = line.withLock { line in
            line.work.append(work)
            defer { line.isScheduled = true }
            return !line.isScheduled
        }
        if mustSchedule { pool.schedule(self) }
    }

    /// Serves the line, on one of the pool's threads; true where work is left for another turn.
    func serve() -> Bool {
        runner.store(Self.currentThread, ordering: .relaxed)
        defer { runner.store(0, ordering: .relaxed) }
        for _ in 0..<Self.turnsAtOnce {
            let batch = takeWork()
            if batch.isEmpty { return false }
            for work in batch { perform(work) }
        }
        return true
    }

    private func takeWork() -> [Work] {
        line.withLock { line in
            line.isScheduled = !line.work.isEmpty
            defer { line.work = [] }
            return line.work
        }
    }

    private func perform(_ work: Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        case .action(let action): action()
        }
    }
}
