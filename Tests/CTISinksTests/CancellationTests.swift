import Synchronization
import Testing

@testable import CTISinks

struct CancellationTests {
    private final class Flag: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    @Test(.timeLimit(.minutes(1))) func whoWaitsForItsEndWaitsUntilThen() async {
        let end = Flag()
        await withTaskGroup { group in
            group.addTask {
                await Task.untilCancelled()
                end.set()
            }
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .milliseconds(100) { await Task.yield() }
            #expect(!end.isSet)
            group.cancelAll()
            await group.waitForAll()
        }
        #expect(end.isSet)
    }
}
