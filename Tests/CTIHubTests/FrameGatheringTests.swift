import CTICore
import CTIPipeline
import Testing

@testable import CTIHub

struct FrameGatheringTests {
    private func frame(_ id: Int64, bytes: Int = 10) -> Frame {
        Frame(id: Position(id), event: "call", data: [UInt8](repeating: 0x20, count: bytes))
    }

    private func ids(_ frames: [Frame]) -> [Int64] { frames.map(\.id.rawValue) }

    @Test func twoStreamsAreToldInTheOrderOfTheLog() {
        var gathering = FrameGathering(limit: 1000)
        gathering.add(Frame(id: Position(1), event: "hello", data: []))
        for id in [2, 5, 9] as [Int64] { gathering.add(frame(id)) }
        gathering.add(Frame(id: Position(1), event: "hello", data: []))
        for id in [3, 4, 10] as [Int64] { gathering.add(frame(id)) }
        #expect(ids(gathering.finish()) == [2, 3, 4, 5, 9, 10])
        #expect(gathering.hellos.count == 2)
        #expect(!gathering.isCut)
    }

    /// The first stream alone fills it; what the second has to tell is older, and must not be lost.
    @Test func whatIsOlderComesFirstWhenItIsFull() {
        var gathering = FrameGathering(limit: 50)
        for id in 100..<130 as Range<Int64> { gathering.add(frame(id)) }
        for id in 1..<4 as Range<Int64> { gathering.add(frame(id)) }
        // Nothing is sent beyond a gap: the client comes back for it.
        #expect(ids(gathering.finish()) == [1, 2, 3, 100, 101])
        #expect(gathering.isCut)
    }

    @Test func afterwardsNothingBeyondTheGapIsTaken() {
        var gathering = FrameGathering(limit: 50)
        for id in 1...10 as ClosedRange<Int64> { gathering.add(frame(id)) }
        for id in [5, 6, 7, 20] as [Int64] { gathering.add(frame(id)) }
        let sent = ids(gathering.finish())
        #expect(sent == [1, 2, 3, 4, 5])
        #expect(gathering.isCut)
    }

    @Test func oneHugeFrameGetsThrough() {
        var gathering = FrameGathering(limit: 50)
        gathering.add(frame(1, bytes: 500))
        gathering.add(frame(2))
        #expect(ids(gathering.finish()) == [1])
        #expect(gathering.isCut)
    }
}
