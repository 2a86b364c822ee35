import CTICore
import Testing

@testable import CTIContacts

struct LookupCacheTests {
    private let start = ContinuousClock.now
    private func contact(_ id: String) -> [Contact] { [Contact(id: id, name: "Jane")] }

    @Test("the oldest goes when there are too many; one that is kept anew is young again")
    func oldestOut() {
        var cache = LookupCache(lifetime: .seconds(60), limit: 2)
        cache.keep(contact("1"), for: "a", at: start)
        cache.keep(contact("2"), for: "b", at: start)
        cache.keep(contact("3"), for: "a", at: start)
        cache.keep(contact("4"), for: "c", at: start)
        #expect(cache.contacts(for: "a", at: start) == contact("3"))
        #expect(cache.contacts(for: "b", at: start) == nil)
        #expect(cache.contacts(for: "c", at: start) == contact("4"))
        #expect(cache.count == 2)
    }

    @Test("its size is bounded, whatever is kept, and what is over gives its room back")
    func size() {
        var cache = LookupCache(lifetime: .seconds(60), limit: 1000, room: 100_000)
        let long = [Contact(id: "1", name: String(repeating: "x", count: 30_000))]
        for number in 0..<1000 { cache.keep(long, for: "\(number)", at: start) }
        #expect(cache.size <= 100_000 && cache.count == 3)
        #expect(cache.contacts(for: "999", at: start) == long)
        cache.keep([Contact(id: "1", name: String(repeating: "x", count: 200_000))], for: "large", at: start)
        #expect(cache.contacts(for: "large", at: start) == nil && cache.count == 3)
        cache.keep([], for: "next", at: start + .seconds(60))
        #expect(cache.count == 1 && cache.size < 1000)
    }

    @Test("nothing is kept for no time")
    func off() {
        var cache = LookupCache(lifetime: .zero, limit: 10)
        cache.keep(contact("1"), for: "a", at: start)
        #expect(cache.count == 0 && cache.contacts(for: "a", at: start) == nil)
    }
}

struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    @Test("failures count in a row: an answer between them begins anew")
    func inARow() {
        var breaker = CircuitBreaker(failures: 2, pause: .seconds(30))
        let opened = [breaker.fail(at: start), breaker.succeed(), breaker.fail(at: start), breaker.fail(at: start)]
        #expect(opened == [false, false, false, true])
        #expect(breaker.refusal(at: start) == .seconds(30))
    }

    @Test("one trial at a time; one that tells nothing is followed by another")
    func trial() {
        var breaker = CircuitBreaker(failures: 1, pause: .seconds(30))
        _ = breaker.fail(at: start)
        let later = start + .seconds(30)
        #expect(breaker.refusal(at: later) == nil)
        breaker.ask(at: later)
        #expect(breaker.refusal(at: later) != nil)
        breaker.forget(at: later)
        #expect(breaker.refusal(at: later) == nil && breaker.isOpen)
        breaker.ask(at: later)
        #expect(breaker.refusal(at: later + .seconds(30)) == nil)
        let isClosed = breaker.succeed()
        #expect(isClosed && !breaker.isOpen)
    }

    @Test("what was asked before it opened does not make the pause longer")
    func stragglers() {
        var breaker = CircuitBreaker(failures: 1, pause: .seconds(30))
        _ = breaker.fail(at: start)
        let isOpenedAgain = breaker.fail(at: start + .seconds(20))
        #expect(!isOpenedAgain)
        #expect(breaker.refusal(at: start + .seconds(29)) == .seconds(1))
    }
}
