import CTICore
import Hiredis
import Testing

@testable import CTIPipeline

struct FetchTests {
    @Test(
        "what was recorded but not removed is found at the head of the list",
        arguments: [
            (["a", "b", "c"], ["b", "c", "d"], ["b", "c"]),
            (["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"]),
            (["a", "b", "c"], ["d", "e"], []),
            (["a", "b"], ["a", "x"], []),
            (["a", "a"], ["a", "a", "a"], ["a", "a"]),
            ([], ["a"], []),
            (["a"], [], []),
        ])
    func overlap(recorded: [String], head: [String], expected: [String]) {
        let found = RedisListSource.overlap(
            recorded: recorded.map { Array($0.utf8) }, head: head.map { Array($0.utf8) })
        #expect(found == expected.map { Array($0.utf8) })
    }

    @Test("the back-off doubles from 100 ms to 10 s, with jitter downwards")
    func backOff() {
        var backOff = BackOff()
        var generator = SeededGenerator(seed: 1)
        var whole = Duration.milliseconds(100)
        for _ in 0..<12 {
            let delay = backOff.next(using: &generator)
            #expect(delay <= whole && delay >= whole / 2)
            whole = min(whole * 2, .seconds(10))
        }
        backOff.reset()
        #expect(backOff.next(using: &generator) <= .milliseconds(100))
    }

    @Test("a batch keeps elements apart, in order")
    func batch() {
        var batch = NotificationBatch()
        for text in ["one", "", "three"] {
            Array(text.utf8).withUnsafeBytes { batch.append($0) }
        }
        #expect(batch.elements.map { String(decoding: $0, as: UTF8.self) } == ["one", "", "three"])
        batch.removeAll()
        #expect(batch.isEmpty)
    }

    @Test("a trouble's pace: what passes is tried again soon, what somebody must mend calmly, the first time at once")
    func paces() {
        var generator = SeededGenerator(seed: 2)
        var backOff = BackOff()
        #expect(backOff.next(.calm, using: &generator) <= .milliseconds(100))
        for _ in 0..<20 {
            let calm = backOff.next(.calm, using: &generator)
            #expect(calm >= .seconds(5) && calm <= .seconds(10))
            let steady = backOff.next(.steady, using: &generator)
            #expect(steady >= .milliseconds(500) && steady <= .seconds(1))
            #expect(backOff.next(.quick, using: &generator) <= .seconds(10))
        }
        backOff.reset()
        #expect(backOff.next(.calm, using: &generator) <= .milliseconds(100))
    }

    @Test("after a reply that was too large fewer are asked for, down to one, then more again")
    func size() {
        var size = FetchSize(256)
        let shrinking = (0..<4).map { _ in
            size.shrink()
            return size.current
        }
        #expect(shrinking == [32, 4, 1, 1])
        for _ in 0..<20 { size.grow() }
        #expect(size.current == 256)
    }
}

/// What follows from what a server permits.
struct ListAccessTests {
    private let commands = ListCommands(RedisListSettings(endpoint: RedisEndpoint(address: .unix(path: "/r"))))

    /// As a server would answer where these are refused.
    private func access(
        _ wanted: RedisListSettings.Delivery, refused: [String: String] = [:]
    ) throws(RedisError) -> ListAccess {
        let probes = commands.probes(for: wanted)
        let answers = probes.map { probe -> RedisValue in
            if let text = refused[probe.name] { return .error(RedisError(reply: text)) }
            return probe.isMeantToFail ? .error(RedisError(reply: "ERR timeout is not a float")) : .integer(0)
        }
        return try ListAccess(probes, answers: answers)
    }

    private static let noPermission = "NOPERM this user has no permissions to run the 'x' command"

    @Test("everything permitted: what is wanted is done")
    func everything() throws {
        for wanted in [RedisListSettings.Delivery.atMostOnce, .atLeastOnce] {
            let choice = try access(wanted).choose(wanted, side: .left)
            #expect(choice.delivery == wanted && choice.lacking == nil)
        }
    }

    @Test(
        "at-least-once falls back where it lacks something that nothing replaces",
        arguments: [
            (["BLMOVE"], "BLMOVE is not permitted"), (["LRANGE"], "LRANGE is not permitted"),
            (["EVAL", "LREM"], "LREM is not permitted"), (["EVAL"], nil), (["LREM"], nil), (["BLPOP"], nil),
        ] as [([String], String?)])
    func fallsBack(refused: [String], lacking: String?) throws {
        let refusals = Dictionary(uniqueKeysWithValues: refused.map { ($0, Self.noPermission) })
        let choice = try access(.atLeastOnce, refused: refusals).choose(.atLeastOnce, side: .left)
        #expect(choice.lacking == lacking)
        #expect(choice.delivery == (lacking == nil ? .atLeastOnce : .atMostOnce))
    }

    @Test("where nothing is possible, the command that is wanted is named")
    func nothing() throws {
        let refused = ["BLPOP": "NOPERM no 'blpop'", "BLMOVE": "NOPERM no 'blmove'"]
        for (wanted, name) in [(RedisListSettings.Delivery.atMostOnce, "blpop"), (.atLeastOnce, "blmove")] {
            let access = try access(wanted, refused: refused)
            let error = #expect(throws: RedisError.self) { _ = try access.choose(wanted, side: .left) }
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test("BLPOP alone is enough, one by one; an old LPOP takes no count")
    func bare() throws {
        let bare = try access(.atMostOnce, refused: ["LLEN": Self.noPermission, "LPOP": Self.noPermission])
        #expect(try bare.choose(.atMostOnce, side: .left).delivery == .atMostOnce)
        #expect(!bare.canBatch(.atMostOnce, side: .left))
        let old = try access(
            .atMostOnce, refused: ["LPOP": "ERR wrong number of arguments for 'lpop' command"])
        #expect(old.canBatch(.atMostOnce, side: .left) && !old.isPopCountSupported)
    }

    @Test(
        "what is wrong with the server as a whole is no missing permission",
        arguments: ["READONLY x", "LOADING x", "MOVED 1 a:1", "NOAUTH x", "WRONGTYPE x", "MISCONF x"])
    func wholeServer(text: String) {
        #expect(throws: RedisError(reply: text)) { try access(.atLeastOnce, refused: ["LLEN": text]) }
    }
}
