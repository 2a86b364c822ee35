import Hiredis
import Testing

@testable import CTIPipeline

/// What is removed from a list after it was recorded, asked of a real Redis: exactly what was read, or nothing.
@Suite(.timeLimit(.minutes(3)))
struct RemovalTests {
    private static let read = ["a", "b", "c", "d"]

    /// What another reader did meanwhile, and what must come of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// From the end at which it is read.
        let list: [String]
        let quick: Int64
        let rest: Int64
        let left: [String]
    }

    private static let cases = [
        Case(testDescription: "nobody", list: ["a", "b", "c", "d"], quick: 4, rest: 0, left: []),
        Case(
            testDescription: "nobody, and the PBX pushed on", list: ["a", "b", "c", "d", "e"], quick: 4, rest: 0,
            left: ["e"]),
        Case(testDescription: "took one", list: ["b", "c", "d", "e"], quick: -1, rest: 3, left: ["e"]),
        Case(testDescription: "took all but one", list: ["d"], quick: -1, rest: 1, left: []),
        Case(
            testDescription: "took all", list: ["e", "f", "g", "h", "i"], quick: -1, rest: 0,
            left: ["e", "f", "g", "h", "i"]),
        Case(testDescription: "took all, and nothing came", list: [], quick: -1, rest: 0, left: []),
        Case(
            testDescription: "put one in front", list: ["x", "a", "b", "c", "d"], quick: -1, rest: 0,
            left: ["x", "a", "b", "c", "d"]),
        Case(
            testDescription: "took one from the middle", list: ["a", "b", "d", "e"], quick: -1, rest: 0,
            left: ["a", "b", "d", "e"]),
    ]

    @Test(
        "what is not as it was read is compared one by one, and what does not match stays", arguments: cases,
        [true, false])
    func removal(_ scene: Case, isLeft: Bool) async throws {
        let redis = try await RedisServer()
        let settings = RedisListSettings(
            endpoint: redis.endpoint, key: "list", delivery: .atLeastOnce, popSide: isLeft ? .left : .right)
        let commands = ListCommands(settings)
        let push = isLeft ? "RPUSH" : "LPUSH"
        for element in scene.list { try await redis.run(push, "list", element) }
        let batch = NotificationBatch(Self.read.map { Array($0.utf8) })
        let session = try await RedisSession(redis.endpoint, on: redis.loop, within: .seconds(10))
        #expect(try await session.run(commands.removal(of: batch)).integer == scene.quick)
        if scene.quick < 0 {
            #expect(try await session.run(commands.removalOfRest(of: batch.elements)).integer == scene.rest)
        }
        let left = try await session.run(RedisCommand("LRANGE", "list", "0", "-1")).elements.compactMap(\.bytes)
        await session.close()
        await redis.stop()
        let texts = left.map { String(decoding: $0, as: UTF8.self) }
        #expect((isLeft ? texts : texts.reversed()) == scene.left)
    }
}
