import CTICore
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

    @Test(
        "versions are compared by number, and an unknown one is old",
        arguments: [
            ("7.0.15", true), ("6.2.0", true), ("6.0.16", false), ("10.1", true), ("", false),
        ])
    func version(_ version: String, isNew: Bool) {
        #expect(RedisGreeting.Answer.isAtLeast(version, major: 6, minor: 2) == isNew)
    }
}
