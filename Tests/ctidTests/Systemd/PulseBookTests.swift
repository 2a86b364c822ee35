import CTICore
import CTIPipeline
import Testing

@testable import ctid

/// Who is taken for stuck, and when that is said.
struct PulseBookTests {
    private let acme = TenantID.acme
    private let start = ContinuousClock.now

    private func pulse(_ state: Readiness.State, _ standstill: Standstill? = nil) -> TenantPulse {
        TenantPulse(readiness: Readiness(state: state, since: Timestamp(milliseconds: 0)), standstill: standstill)
    }

    /// All that owe an answer give it.
    private func answer(_ questions: [PulseBook.Part], in book: inout PulseBook, _ pulse: TenantPulse) {
        for part in questions { book.answered(part, pulse) }
    }

    @Test(arguments: [Readiness.State.failed, .starting, .degraded])
    func `an outage is no standstill, however long it lasts`(state: Readiness.State) {
        var book = PulseBook()
        for minute in 0..<600 {
            let look = book.look([acme], at: start + .seconds(60 * minute))
            #expect(look.stuck.isEmpty && look.news.isEmpty)
            #expect(look.questions == [.http, .redis, .desk(acme), .log(acme)])
            answer(look.questions, in: &book, pulse(state))
        }
    }

    @Test(
        "who does not answer within its bound is stuck at the second look, and that is said once",
        arguments: [
            (PulseBook.Part.http, 31, "a thread that serves HTTP"),
            (.redis, 31, "the thread of the Redis connections"),
            (.desk(.acme), 31, "tenant acme: its desk"),
            (.log(.acme), 61, "tenant acme: the event log"),
        ])
    func silent(part: PulseBook.Part, bound: Int, name: String) {
        var book = PulseBook()
        func look(_ second: Int) -> PulseBook.Look {
            let look = book.look([acme], at: start + .seconds(second))
            answer(look.questions.filter { $0 != part }, in: &book, pulse(.ready))
            return look
        }
        #expect(look(0).questions.contains(part))
        #expect(look(bound - 1).stuck.isEmpty)
        let suspected = look(bound)
        #expect(suspected.stuck.isEmpty && !suspected.questions.contains(part))
        let stuck = look(bound + 5)
        #expect(stuck.stuck == [.init(what: name, lasted: .seconds(bound + 5))] && stuck.news == stuck.stuck)
        let later = look(bound + 10)
        #expect(later.stuck.count == 1 && later.news.isEmpty && later.recovered.isEmpty)
        book.answered(part, pulse(.ready))
        let moves = look(bound + 15)
        #expect(moves.stuck.isEmpty && moves.recovered == [name])
        #expect(look(bound + 20).recovered.isEmpty)
    }

    @Test func `a tenant that says what of it stands still is stuck at the second look`() {
        var book = PulseBook()
        let standing = pulse(.ready, Standstill(part: "the inbound list", lasted: .seconds(200)))
        answer(book.look([acme], at: start).questions, in: &book, standing)
        let first = book.look([acme], at: start + .seconds(5))
        #expect(first.stuck.isEmpty)
        answer(first.questions, in: &book, standing)
        #expect(
            book.look([acme], at: start + .seconds(10)).news == [
                .init(what: "tenant acme: the inbound list", lasted: .seconds(200))
            ])
    }

    @Test func `a machine that was suspended finds all overdue, and is given time to move`() {
        var book = PulseBook()
        let questions = book.look([acme], at: start).questions
        let later = start + .seconds(8 * 3600)
        #expect(book.look([acme], at: later).stuck.isEmpty)
        answer(questions, in: &book, pulse(.ready))
        #expect(book.look([acme], at: later + .seconds(5)).stuck.isEmpty)
    }

    @Test func `a tenant that was taken away owes nothing`() {
        var book = PulseBook()
        _ = book.look([acme], at: start)
        book.answered(.http)
        book.answered(.redis)
        for minute in 1..<5 {
            let look = book.look([], at: start + .seconds(60 * minute))
            #expect(look.stuck.isEmpty)
            answer(look.questions, in: &book, pulse(.ready))
        }
    }

    @Test func `the status tells in a few words how many are ready`() {
        let ids = ["a", "b", "c", "d"].compactMap { TenantID($0) }
        var book = PulseBook()
        #expect(book.summary(of: [acme], problems: []) == "0 of 1 tenant ready")
        for (id, state) in zip(ids, [Readiness.State.ready, .ready, .degraded, .failed]) {
            book.answered(.desk(id), pulse(state))
        }
        #expect(book.summary(of: ids, problems: []) == "2 of 4 tenants ready, 1 degraded")
        #expect(book.summary(of: ids, problems: [ids[0], acme]) == "1 of 5 tenants ready, 2 degraded")
        #expect(book.summary(of: Array(ids.prefix(2)), problems: []) == "2 of 2 tenants ready")
    }
}
