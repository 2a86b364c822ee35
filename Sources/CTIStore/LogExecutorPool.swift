import Foundation

/// A few threads that all logs of a process share, so that 500 tenants do not cost 500 threads.
///
/// A log that waits for its disk holds one of the threads; the others go on with the other logs.
public final class LogExecutorPool: Sendable {
    private let line: ExecutorLine

    /// - Parameter threads: how many logs can wait for the disk at the same time.
    public init(threads: Int = 4) {
        let line = ExecutorLine()
        self.line = line
        for number in 1...max(1, threads) {
            let thread = Thread { line.serve() }
            thread.name = "ctid-log-\(number)"
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    deinit { line.stop() }

    func makeExecutor() -> LogExecutor { LogExecutor(pool: self) }

    func schedule(_ executor: LogExecutor) { line.append(executor) }
}

/// The executors that have work, first come, first served.
///
/// Unchecked: a Mutex cannot be waited upon, so the state is guarded by the condition's lock, here and nowhere else.
private final class ExecutorLine: @unchecked Sendable {
    private let condition = NSCondition()
    private var ready: [LogExecutor] = []
    private var idleThreads = 0
    private var isStopped = false

    func append(_ executor: LogExecutor) {
        condition.lock()
        ready.append(executor)
        let mustWake = idleThreads > 0
        condition.unlock()
        if mustWake { condition.signal() }
    }

    func stop() {
        condition.lock()
        isStopped = true
        condition.unlock()
        condition.broadcast()
    }

    /// A thread's whole life.
    func serve() {
        while let executor = next() {
            if executor.serve() { putBack(executor) }
        }
    }

    /// The thread that puts it back takes the next one itself: nobody needs to be woken.
    private func putBack(_ executor: LogExecutor) {
        condition.lock()
        ready.append(executor)
        condition.unlock()
    }

    private func next() -> LogExecutor? {
        condition.lock()
        defer { condition.unlock() }
        while ready.isEmpty {
            if isStopped { return nil }
            idleThreads += 1
            condition.wait()
            idleThreads -= 1
        }
        return ready.removeFirst()
    }
}
