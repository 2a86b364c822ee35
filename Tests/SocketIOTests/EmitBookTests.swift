import Testing

@testable import SocketIO

/// When an event counts as delivered.
struct EmitBookTests {
    static let start = ContinuousClock.now
    static let late = start + .seconds(10)

    private static func book(capacity: Int = 8) -> EmitBook { EmitBook(capacity: capacity, timeout: .seconds(10)) }

    private static func delivered(_ ids: Int...) -> [EmitBook.Ending] {
        ids.map { EmitBook.Ending(id: $0, outcome: .delivered) }
    }

    @Test func theTransportsWordIsEnoughWhereNothingIsAcknowledged() {
        var book = Self.book()
        for key in ["a", "b", "c"] { _ = book.begin(key, at: Self.start) }
        #expect(book.read(upTo: 2) == Self.delivered(1, 2))
        #expect(book.count == 1)
        #expect(book.read(upTo: 3) == Self.delivered(3))
    }

    @Test func onceAcknowledgedItIsWaitedFor() {
        var book = Self.book()
        _ = book.begin("a", at: Self.start)
        #expect(book.acknowledged(1) == Self.delivered(1))
        _ = book.begin("b", at: Self.start)
        #expect(book.read(upTo: 2).isEmpty)
        #expect(book.acknowledged(2) == Self.delivered(2))
    }

    @Test func aLateAcknowledgementTellsToo() {
        var book = Self.book()
        _ = book.begin("a", at: Self.start)
        _ = book.read(upTo: 1)
        #expect(book.acknowledged(1).isEmpty)
        #expect(book.acknowledges)
    }

    @Test(arguments: [0, 2, 99]) func anAcknowledgementOfNothingIsNone(id: Int) {
        var book = Self.book()
        _ = book.begin("a", at: Self.start)
        #expect(book.acknowledged(id).isEmpty)
        #expect(!book.acknowledges)
    }

    @Test func whatIsNotReadInTimeFailsAndTheConnectionIsDeaf() {
        var book = Self.book()
        _ = book.begin("a", at: Self.start)
        #expect(book.lapse(at: Self.late - .milliseconds(1)).endings.isEmpty)
        let lapsed = book.lapse(at: Self.late)
        #expect(lapsed.isDeaf)
        #expect(lapsed.endings.map(\.id) == [1] && lapsed.endings != Self.delivered(1))
    }

    /// The acknowledging server's book, with `keys` sent, read, and not acknowledged in time.
    private static func lapse(_ keys: String..., in book: inout EmitBook) -> [Bool] {
        var ids: [Int] = []
        for key in keys { if let id = book.begin(key, at: start) { ids.append(id) } }
        _ = book.read(upTo: ids.last ?? 0)
        let lapsed = book.lapse(at: late)
        #expect(!lapsed.isDeaf)
        return lapsed.endings.map { $0.outcome == .delivered }
    }

    private static func acknowledging() -> EmitBook {
        var book = book()
        _ = book.begin("first", at: start)
        _ = book.acknowledged(1)
        return book
    }

    @Test func anEventFailsForWantOfAnAcknowledgementOnce() {
        var book = Self.acknowledging()
        #expect(Self.lapse("a", in: &book) == [false])
        #expect(Self.lapse("a", in: &book) == [true])
        #expect(book.unacknowledged == 1 && book.acknowledges)
    }

    @Test func afterThreeInARowNobodyIsWaitedForUntilTheNext() {
        var book = Self.acknowledging()
        _ = Self.lapse("a", "b", "c", in: &book)
        #expect(Self.lapse("a", "b", "c", in: &book) == [true, true, true])
        #expect(!book.acknowledges)
        let id = book.begin("d", at: Self.start) ?? 0
        #expect(book.read(upTo: id) == Self.delivered(id))
        _ = book.acknowledged(id)
        #expect(book.acknowledges)
    }

    @Test func noMoreThanItsCapacityAreUnderWay() {
        var book = Self.book(capacity: 2)
        #expect(book.begin("a", at: Self.start) == 1 && book.begin("b", at: Self.start) == 2)
        #expect(book.begin("c", at: Self.start) == nil)
        book.forget(1)
        #expect(book.begin("c", at: Self.start) == 3)
    }

    @Test func allThatIsUnderWayFailsWithTheConnection() {
        var book = Self.acknowledging()
        _ = book.begin("a", at: Self.start)
        _ = book.begin("b", at: Self.start)
        _ = book.read(upTo: 2)
        let endings = book.connectionLost()
        #expect(endings.map(\.id) == [2, 3] && endings.allSatisfy { $0.outcome != .delivered })
        #expect(book.count == 0 && book.acknowledges)
    }
}
