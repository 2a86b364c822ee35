import CTICore
import Testing

@testable import CTIPipeline

/// How a board reads the log: from an hour ago on, in pages, and what it does when it cannot.
struct BoardLogTests {
    private let now = Timestamp(milliseconds: 1_795_255_200_000)
    private let log = InMemoryEventLog()

    private func append(_ ref: String, ago: Duration, caller: String = "0821234567", ended: Bool = false) async throws {
        let moment = now.adding(.zero - ago)
        var call = Call(
            CallEvent(
                kind: ended ? .hangup : .up, generation: .v3, direction: .inbound, caller: caller,
                callRef: CallRef(ref), extension: Extension("1007")), queue: "Sales")
        call.upAt = moment
        call.endedAt = ended ? moment : nil
        let tenant = try #require(TenantID("acme"))
        let frame = CallFrame(
            id: PopID(ref), tenant: tenant, event: ended ? .hangup : .up, agent: Agent(extension: Extension("1007")),
            call: call)
        let entry = LogEntry(
            kind: .call, agent: Extension("1007"), ref: CallRef(ref), at: moment, data: frame.bytes)
        _ = try await log.append([entry])
    }

    private func appendLetter(_ code: String, ago: Duration) async throws {
        let entry = LogEntry.deadLetter(code: code, "secret-free", raw: Array("raw".utf8), at: now.adding(.zero - ago))
        _ = try await log.append([entry])
    }

    private func readAll(_ board: inout BoardLog, at moment: Timestamp) async throws {
        while try await board.read(at: moment).isBehind {}
    }

    @Test func itBeginsAnHourAgo() async throws {
        for hour in [30, 5, 2] { try await append("old\(hour)", ago: .seconds(3600 * hour)) }
        for minute in stride(from: 90, to: 0, by: -1) { try await append("c\(minute)", ago: .seconds(60 * minute)) }
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        #expect(board.tallies.queues["Sales"]?.total.offered == 59)
        #expect(board.notes.count < 65, "a few may be older than what counts, not all")
    }

    @Test func manyPagesAreReadOneByOne() async throws {
        for number in 0..<1200 { try await append("c\(number)", ago: .seconds(60)) }
        var board = BoardLog(log)
        var pages = 1
        while try await board.read(at: now).isBehind { pages += 1 }
        #expect(pages == 3)
        #expect(board.tallies.queues["Sales"]?.total.offered == 1200)
        let isNews = try await board.read(at: now).isNews
        #expect(!isNews)
    }

    @Test func aCallThatEndsIsNotLookedUpAnyMore() async throws {
        try await append("c1", ago: .seconds(9))
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        #expect(board.notes[CallRef("c1")]?.queue == "Sales")
        try await append("c1", ago: .seconds(1), ended: true)
        try await readAll(&board, at: now)
        #expect(board.notes.isEmpty)
        board.remember([CallRef("older")])
        #expect(board.notes.keys.map(\.rawValue) == ["older"])
    }

    @Test func aStateLastsLongerThanAnHour() async throws {
        for hours in [3, 2] {
            let moment = now.adding(.seconds(-3600 * hours))
            _ = try await log.append([LogEntry(kind: .agentState, agent: Extension("1008"), at: moment, data: [])])
        }
        for number in 0..<20 { try await append("old\(number)", ago: .seconds(5400)) }
        try await append("c1", ago: .seconds(9))
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        #expect(board.tallies.stateSince == [Extension("1008"): now.adding(.seconds(-3600 * 2))])
    }

    @Test func deadLettersOfADayWithoutWhatTheySay() async throws {
        try await appendLetter("not-json", ago: .seconds(25 * 3600))
        try await appendLetter("wrong-type", ago: .seconds(23 * 3600))
        try await append("c1", ago: .seconds(60))
        try await appendLetter("not-utf8", ago: .seconds(1))
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        #expect(board.letters.rows.map(\.code) == ["wrong-type", "not-utf8"])
        try await appendLetter("too-large", ago: .zero)
        try await readAll(&board, at: now)
        #expect(board.letters.rows.map(\.code) == ["wrong-type", "not-utf8", "too-large"])
    }

    @Test func deadLettersThatWereTakenAwayGo() async throws {
        for code in ["not-json", "not-utf8"] { try await appendLetter(code, ago: .seconds(5)) }
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        _ = try await log.removeDeadLetters(at: [try #require(board.letters.rows.first).position])
        try await readAll(&board, at: now.adding(.seconds(5)))
        #expect(board.letters.rows.count == 2, "not looked for at each turn")
        let isNews = try await board.read(at: now.adding(.seconds(21))).isNews
        #expect(isNews)
        #expect(board.letters.rows.map(\.code) == ["not-utf8"])
    }

    @Test func onlySoManyDeadLettersAreKept() async throws {
        for _ in 0..<230 { try await appendLetter("not-json", ago: .seconds(5)) }
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        #expect(board.letters.rows.count == DeadLetterList.limit)
        #expect(board.letters.isFull)
    }

    @Test func whatASinkDidNotDeliverIsToldByTheSinksName() async throws {
        let message = SinkMessage(position: Position(7), id: "7", event: "up", ref: CallRef("c1"), at: now, data: [])
        let settlement = SinkSettlement(message, tries: 3, .gaveUp(code: "expired", message: "not delivered in time"))
        _ = try await log.append([settlement.entry(for: SinkName(.webhook, "crm"), at: now)])
        var board = BoardLog(log)
        try await readAll(&board, at: now)
        #expect(board.letters.rows.map(\.place) == ["webhook crm"])
    }

    @Test func aLogThatCannotBeReadIsSaid() async throws {
        var board = BoardLog(log)
        await log.fail(with: EventLogError(.corrupt, "damaged"))
        do {
            _ = try await board.read(at: now)
            Issue.record("a damaged log was read")
        } catch {
            #expect(error.code == .corrupt)
        }
        await log.fail(with: nil)
        try await append("c1", ago: .seconds(9))
        try await readAll(&board, at: now)
        #expect(board.tallies.queues["Sales"]?.total.offered == 1)
    }
}
