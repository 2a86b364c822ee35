import CTIPipeline
import Synchronization
import Testing

@testable import CTIStore

@Suite struct LogExecutorTests {
    @Test func workIsDoneOneAfterTheOtherInItsOrder() async throws {
        let executor = LogExecutorPool(threads: 4).makeExecutor()
        let done = Mutex<[Int]>([])
        for number in 0..<1000 {
            executor.enqueue { done.withLock { $0.append(number) } }
        }
        try await executor.run { .success(()) }
        #expect(done.withLock { $0 } == Array(0..<1000))
    }

    /// Each of two logs waits for the other: it ends only where both run at the same time.
    @Test func aBusyLogDoesNotHoldUpAnother() async throws {
        let pool = LogExecutorPool(threads: 2)
        let (one, other) = (pool.makeExecutor(), pool.makeExecutor())
        let (first, second) = (Signal(), Signal())
        async let a: Void = one.run {
            first.raise()
            second.wait()
            return .success(())
        }
        async let b: Void = other.run {
            second.raise()
            first.wait()
            return .success(())
        }
        _ = try await (a, b)
    }

    @Test func itKnowsWhetherItIsRunning() async throws {
        let pool = LogExecutorPool(threads: 1)
        let (one, other) = (pool.makeExecutor(), pool.makeExecutor())
        let seen = try await one.run { .success((one.isIsolatingCurrentContext(), other.isIsolatingCurrentContext())) }
        #expect(seen.0 == true && seen.1 == false)
        #expect(one.isIsolatingCurrentContext() == false)
    }

    private final class Signal: Sendable {
        private let raised = Atomic(false)
        func raise() { raised.store(true, ordering: .releasing) }
        func wait() { while !raised.load(ordering: .acquiring) {} }
    }
}
