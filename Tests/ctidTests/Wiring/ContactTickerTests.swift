import Dispatch
import Synchronization
import Testing

@testable import ctid

/// Whose files are looked at, while a disk does not answer.
@Suite(.timeLimit(.minutes(1)))
struct ContactTickerTests {
    /// Due at each look.
    private final class Files: WatchedFiles {
        let looks = Mutex(0)
        let told = Mutex<[Bool]>([])
        /// While it is so, the disk does not answer, until `answer` is signalled.
        let isHanging = Mutex(false)
        let answer = DispatchSemaphore(value: 0)

        func dueLook() -> FileWatch.Look? {
            if isHanging.withLock({ $0 }) { answer.wait() }
            looks.withLock { $0 += 1 }
            return [:]
        }

        func disk(answers: Bool) { told.withLock { $0.append(answers) } }
    }

    private func until(_ holds: () -> Bool) async throws {
        while !holds() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aDiskThatDoesNotAnswerHoldsUpItsOwnFilesAlone() async throws {
        let ticker = ContactTicker(interval: .milliseconds(20))
        let (deaf, others) = (Files(), [Files(), Files(), Files()])
        deaf.isHanging.withLock { $0 = true }
        let streams = ([deaf] + others).map { ticker.looks(of: $0) }
        let ticking = Task { try await ticker.run() }
        try await until { deaf.told.withLock { $0 } == [false] }
        for files in others {
            let before = files.looks.withLock { $0 }
            try await until { files.looks.withLock { $0 } > before + 2 }
        }
        #expect(deaf.looks.withLock { $0 } == 0)
        deaf.isHanging.withLock { $0 = false }
        deaf.answer.signal()
        try await until { deaf.told.withLock { $0 } == [false, true] }
        try await until { deaf.looks.withLock { $0 } > 3 }
        #expect(others.allSatisfy { $0.told.withLock { $0 }.isEmpty })
        ticking.cancel()
        try await ticking.value
        withExtendedLifetime(streams) {}
    }

    @Test func aDiskThatDoesNotAnswerHoldsUpNoStop() async throws {
        let ticker = ContactTicker(interval: .milliseconds(20))
        let deaf = Files()
        deaf.isHanging.withLock { $0 = true }
        let stream = ticker.looks(of: deaf)
        let ticking = Task { try await ticker.run() }
        try await until { deaf.told.withLock { $0 } == [false] }
        ticking.cancel()
        try await ticking.value
        deaf.answer.signal()
        withExtendedLifetime(stream) {}
    }

    @Test func whatAQueueDoesIsNotWaitedForByWhoIsCancelled() async {
        let (queue, semaphore) = (DispatchQueue(label: "deaf"), DispatchSemaphore(value: 0))
        let waiting = Task {
            await queue.valueUnlessCancelled {
                semaphore.wait()
                return 1
            }
        }
        waiting.cancel()
        #expect(await waiting.value == nil)
        semaphore.signal()
        #expect(await queue.valueUnlessCancelled { 2 } == 2)
    }
}
