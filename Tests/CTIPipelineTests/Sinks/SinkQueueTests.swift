import CTICore
import Testing

@testable import CTIPipeline

struct SinkQueueTests {
    private let start = ContinuousClock.now
    private let noon = Timestamp(milliseconds: 1_795_255_200_000)
    private let later = SinkFailure(.unreachable, "no connection")

    private func queue(
        concurrency: Int = 2, attempts: Int = 3, failuresUntilDown: Int = 100, ttl: Duration = .seconds(60)
    ) -> SinkQueue {
        let settings = SinkSettings(
            ttl: ttl, concurrency: concurrency, attempts: attempts, backOff: .seconds(1) ... .seconds(8),
            failuresUntilDown: failuresUntilDown, pause: .seconds(1) ... .seconds(4))
        return SinkQueue(settings, random: { 1 })
    }

    private func message(_ position: Int64, of ref: String? = nil) -> SinkMessage {
        SinkMessage(
            position: Position(position), id: "\(position)", event: "up", ref: ref.map { CallRef($0) }, at: noon,
            data: [])
    }

    /// Positions that are to be delivered now.
    private func delivered(_ queue: inout SinkQueue, after seconds: Int = 0) -> [Int64] {
        queue.due(at: start + .seconds(seconds), wall: noon.adding(.seconds(seconds))).compactMap {
            if case .deliver(let message) = $0 { message.position.rawValue } else { nil }
        }
    }

    private func fail(
        _ queue: inout SinkQueue, _ position: Int64, _ failure: SinkFailure, after seconds: Int = 0
    ) -> [SinkQueue.Action] {
        queue.failed(
            Position(position), failure, at: start + .seconds(seconds), wall: noon.adding(.seconds(seconds)))
    }

    @Test func whatIsRefusedForItsOwnSakeTakesNobodyDown() {
        var queue = queue(concurrency: 1, attempts: 100, failuresUntilDown: 2, ttl: .seconds(10_000))
        queue.add([message(1, of: "poison")])
        let refused = SinkFailure(.refused, "answered 400")
        for round in 0..<5 {
            #expect(delivered(&queue, after: round * 100) == [1])
            #expect(fail(&queue, 1, refused, after: round * 100).isEmpty)
            #expect(!queue.isDown)
        }
    }

    @Test func ofAReceiverThatIsDownAnotherOneIsAskedForEachTime() {
        var queue = queue(concurrency: 1, attempts: 100, failuresUntilDown: 1, ttl: .seconds(10_000))
        queue.add([message(1, of: "a"), message(2, of: "b"), message(3, of: "c")])
        let order = (0..<6).flatMap { round in
            let now = delivered(&queue, after: round * 100)
            for position in now { _ = fail(&queue, position, later, after: round * 100) }
            return now
        }
        #expect(order == [1, 2, 3, 1, 2, 3])
    }

    @Test func eventsOfOneCallGoOneAfterTheOther() {
        var queue = queue(concurrency: 4)
        queue.add([message(1, of: "a"), message(2, of: "a"), message(3, of: "b"), message(4)])
        #expect(delivered(&queue) == [1, 3, 4])
        #expect(delivered(&queue) == [])
        _ = queue.delivered(Position(1))
        #expect(delivered(&queue) == [2])
    }

    @Test func noMoreThanAllowedAreUnderWay() {
        var queue = queue(concurrency: 2)
        queue.add((1...5).map { message($0) })
        #expect(delivered(&queue) == [1, 2])
        _ = queue.delivered(Position(2))
        #expect(delivered(&queue) == [3])
        #expect(queue.open.map(\.rawValue) == [1, 3, 4, 5])
    }

    @Test func aFailureHoldsBackItsCallAlone() {
        var queue = queue(concurrency: 1)
        queue.add([message(1, of: "a"), message(2, of: "a"), message(3, of: "b")])
        #expect(delivered(&queue) == [1])
        #expect(fail(&queue, 1, later) == [])
        #expect(delivered(&queue) == [3])
        _ = queue.delivered(Position(3))
        #expect(delivered(&queue) == [])
        #expect(queue.nextWake(after: start, wall: noon) == start + .seconds(1))
        #expect(delivered(&queue, after: 1) == [1])
    }

    @Test func triesGrowRarerAndEndInADeadLetter() {
        var queue = queue(attempts: 3)
        queue.add([message(1)])
        #expect(delivered(&queue) == [1])
        #expect(fail(&queue, 1, later) == [])
        #expect(delivered(&queue, after: 1) == [1])
        #expect(fail(&queue, 1, later, after: 1) == [])
        #expect(delivered(&queue, after: 2) == [])
        #expect(delivered(&queue, after: 3) == [1])
        let last = fail(&queue, 1, later, after: 3)
        let outcome = SinkSettlement.Outcome.gaveUp(code: "unreachable", message: "no connection")
        #expect(last == [.settle(SinkSettlement(message(1), tries: 3, outcome))])
        #expect(queue.count == 0)
    }

    @Test func whatWouldBeRefusedAgainIsGivenUpAtOnce() {
        var queue = queue()
        queue.add([message(1)])
        _ = delivered(&queue)
        let actions = fail(&queue, 1, SinkFailure(.refused, "410", retry: .never))
        #expect(
            actions == [.settle(SinkSettlement(message(1), tries: 1, .gaveUp(code: "refused", message: "410")))])
    }

    @Test func aReceiverThatIsDownIsTriedWithOneAtATime() {
        var queue = queue(concurrency: 4, attempts: 2, failuresUntilDown: 2)
        queue.add((1...6).map { message($0) })
        #expect(delivered(&queue) == [1, 2, 3, 4])
        for position in 1...4 { _ = fail(&queue, Int64(position), later) }
        #expect(queue.isDown)
        #expect(delivered(&queue) == [])
        // Tried again and again, at growing intervals; none of it counts as an attempt.
        var (moments, seconds) = ([Int](), 0)
        while moments.count < 4 {
            seconds += 1
            for position in delivered(&queue, after: seconds) {
                moments.append(seconds)
                #expect(fail(&queue, position, later, after: seconds) == [])
            }
        }
        #expect(zip(moments.dropFirst(), moments).map { $0 - $1 } == [4, 4, 4])
        #expect(queue.count == 6)
        let probe = delivered(&queue, after: seconds + 4)
        #expect(probe.count == 1)
        _ = queue.delivered(Position(probe[0]))
        #expect(!queue.isDown)
        #expect(delivered(&queue, after: seconds + 4).count == 4)
    }

    @Test func theReceiversOwnWishHoldsAllOfThem() {
        var queue = queue(concurrency: 1)
        queue.add([message(1), message(2)])
        _ = delivered(&queue)
        _ = fail(&queue, 1, SinkFailure(.throttled, "429", retry: .after(.seconds(7))))
        #expect(delivered(&queue, after: 6) == [])
        #expect(queue.nextWake(after: start, wall: noon) == start + .seconds(7))
        #expect(delivered(&queue, after: 7) == [1])
    }

    @Test func whatIsTooOldIsNotDelivered() {
        var queue = queue(ttl: .seconds(60))
        queue.add([message(1)])
        #expect(queue.nextWake(after: start, wall: noon) == start + .seconds(60))
        let actions = queue.due(at: start, wall: noon.adding(.seconds(61)))
        let outcome = SinkSettlement.Outcome.gaveUp(code: "expired", message: "not delivered in time")
        #expect(actions == [.settle(SinkSettlement(message(1), tries: 0, outcome))])
    }

    @Test func messagesThatAreRejectedNeitherHoldUpOthersNorCountAsAnOutage() {
        var queue = queue(concurrency: 4, attempts: 3, failuresUntilDown: 2, ttl: .seconds(86_400))
        queue.add((1...300).map { message($0) })
        let rejected = SinkFailure(.rejected, "answered 400")
        var (ended, seconds) = (0, 0)
        while queue.count > 0, seconds < 1000 {
            for position in delivered(&queue, after: seconds) {
                ended += fail(&queue, position, rejected, after: seconds).count
            }
            #expect(!queue.isDown)
            seconds += 1
        }
        #expect(ended == 300)
    }

    @Test func thoseThatFailedLeaveRoomForOthers() {
        var queue = queue(concurrency: 1000, attempts: 100)
        queue.add((1...256).map { message($0) })
        #expect(queue.free == 0)
        for position in delivered(&queue) { _ = fail(&queue, position, SinkFailure(.rejected, "answered 400")) }
        #expect(queue.free == 256)
        queue.add((257...1024).map { message($0) })
        #expect(queue.free == 0)
    }

    @Test func nobodySleepsLongerThanAMinute() {
        var queue = queue(ttl: .seconds(86_400))
        queue.add([message(1)])
        #expect(queue.nextWake(after: start, wall: noon) == start + .seconds(60))
    }
}
