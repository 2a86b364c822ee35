import CTICore
import Testing

/// How old a notification can be, told by what was seen of the list.
struct FreshnessTests {
    private let start = ContinuousClock.Instant.now

    private func moment(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test("nothing is known before the list was ever seen empty")
    func unknown() {
        let freshness = ListFreshness<ContinuousClock.Instant>()
        #expect(freshness.ageBound(at: start) == nil)
    }

    @Test("an empty list bounds what comes after it")
    func empty() {
        var freshness = ListFreshness<ContinuousClock.Instant>()
        freshness.saw(length: 0, at: moment(0))
        #expect(freshness.ageBound(at: moment(3)) == .seconds(3))
    }

    @Test("what is remembered from before a restart counts, and is never made older")
    func remembered() {
        var freshness = ListFreshness(remembered: moment(5))
        freshness.saw(length: 0, at: moment(4))
        #expect(freshness.ageBound(at: moment(6)) == .seconds(1))
    }

    @Test("under load that never lets the list run empty, elements behind those seen are younger")
    func sustained() {
        var freshness = ListFreshness<ContinuousClock.Instant>()
        freshness.saw(length: 3, at: moment(10))
        freshness.took(2)
        #expect(freshness.ageBound(at: moment(12)) == nil)
        freshness.took(1)
        #expect(freshness.ageBound(at: moment(12)) == .seconds(2))
    }

    @Test("a later, longer look does not push an earlier mark away")
    func earlierMark() {
        var freshness = ListFreshness<ContinuousClock.Instant>()
        freshness.saw(length: 2, at: moment(1))
        freshness.saw(length: 500, at: moment(2))
        freshness.took(2)
        #expect(freshness.emptyAsOf == moment(1))
    }

    @Test("whatever was pushed, its true age is never beyond the bound")
    func neverTooYoung() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var freshness = ListFreshness<ContinuousClock.Instant>()
            var pushed: [ContinuousClock.Instant] = []
            for step in 0..<60 {
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: pushed.append(moment(step))
                case 1: freshness.saw(length: pushed.count, at: moment(step))
                default:
                    guard !pushed.isEmpty else { continue }
                    let oldest = pushed.removeFirst()
                    let bound = freshness.ageBound(at: moment(step))
                    #expect(bound.map { $0 >= oldest.duration(to: moment(step)) } ?? true)
                    freshness.took(1)
                }
            }
        }
    }
}
