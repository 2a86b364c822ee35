import CTICore
import CTIPipeline
import Testing

/// What every event log promises, whatever it is made of.
@Suite struct EventLogContractTests {
    @Test(arguments: LogImplementation.allCases)
    func aFreshLogHasAPositionToResumeFrom(_ implementation: LogImplementation) async throws {
        let log = try await LogUnderTest(implementation, in: TemporaryFolder()).log
        let bounds = try await log.bounds()
        #expect(bounds.oldest.rawValue == bounds.newest.rawValue + 1)
        #expect(bounds.reachesBack(to: bounds.newest))
        #expect(bounds.newest.rawValue < 1 << 53)
    }

    @Test(arguments: LogImplementation.allCases)
    func entriesComeBackAsTheyWereGiven(_ implementation: LogImplementation) async throws {
        let log = try await LogUnderTest(implementation, in: TemporaryFolder()).log
        let full = LogEntry(
            kind: .missed, agent: Extension("0042"), ref: CallRef("ü\u{0}x"), at: Timestamp(milliseconds: 77),
            data: [0, 255], raw: [1], trace: [2, 3], held: true)
        let bare = LogEntry(kind: .realtime, at: Timestamp(milliseconds: 0), data: [], raw: [], trace: nil)
        let named = LogEntry(
            kind: .ack, agent: Extension(""), ref: CallRef(""), at: Timestamp(milliseconds: 1), data: [])
        let first = try await log.append([full, bare, named])
        let found = try await log.entries(.everything, after: nil, limit: 10)
        #expect(found.map(\.entry) == [full, bare, named])
        #expect(found.map(\.position.rawValue) == [0, 1, 2].map { first.rawValue + $0 })
    }

    @Test(arguments: LogImplementation.allCases)
    func anAppendWithoutEntriesIsRefused(_ implementation: LogImplementation) async throws {
        let log = try await LogUnderTest(implementation, in: TemporaryFolder()).log
        await #expect(throws: EventLogError.self) { try await log.append([]) }
    }

    @Test(arguments: LogImplementation.allCases)
    func aSelectionLeavesOutWhatIsNotOfIt(_ implementation: LogImplementation) async throws {
        let log = try await LogUnderTest(implementation, in: TemporaryFolder()).log
        _ = try await log.append(
            LogEntry.Kind.allCases.map { .sample("\($0)", kind: $0, agent: "1001", ref: "a") }
                + LogEntry.Kind.allCases.map { .sample("other \($0)", kind: $0, agent: "1002", ref: "b") })
        func texts(_ selection: LogSelection) async throws -> [String] {
            try await log.entries(selection, after: nil, limit: 100).texts
        }
        #expect(try await texts(.agentFrames(Extension("1001"))) == ["call", "pop", "clear", "missed"])
        #expect(try await texts(.agentFrames(Extension("100"))).isEmpty)
        #expect(try await texts(.realtime) == ["realtime", "other realtime"])
        #expect(try await texts(.call(CallRef("b"))) == LogEntry.Kind.allCases.map { "other \($0)" })
        for kind in LogEntry.Kind.allCases {
            #expect(try await texts(.kind(kind)) == ["\(kind)", "other \(kind)"])
        }
        #expect(try await texts(.everything).count == 2 * LogEntry.Kind.allCases.count)
    }

    @Test(arguments: LogImplementation.allCases)
    func readingResumesWhereItEnded(_ implementation: LogImplementation) async throws {
        let log = try await LogUnderTest(implementation, in: TemporaryFolder()).log
        // More than two chapters of the look-up by call reference.
        for batch in 0..<10 {
            _ = try await log.append((0..<1000).map { .sample("\(batch * 1000 + $0)", ref: $0 % 500 == 0 ? "x" : "y") })
        }
        for selection in [LogSelection.everything, .agentFrames(Extension("1001")), .call(CallRef("y")), .kind(.call)] {
            var (seen, position): ([RecordedEntry], Position?) = ([], nil)
            while case let page = try await log.entries(selection, after: position, limit: 1500), !page.isEmpty {
                #expect(page.count <= 1500)
                seen += page
                position = page.last?.position
            }
            #expect(seen.count == (selection == .call(CallRef("y")) ? 9980 : 10_000))
            #expect(seen.map(\.position) == seen.map(\.position).sorted())
        }
        let rare = try await log.entries(.call(CallRef("x")), after: nil, limit: 100).texts
        #expect(rare == (0..<20).map { "\($0 * 500)" })
        #expect(try await log.entries(.everything, after: nil, limit: 0).isEmpty)
    }

    @Test(arguments: LogImplementation.allCases)
    func recentCallsTellEachCallOnce(_ implementation: LogImplementation) async throws {
        let log = try await LogUnderTest(implementation, in: TemporaryFolder()).log
        _ = try await log.append([
            .sample("a1", ref: "a"), .sample("b1", ref: "b"), .sample("a2", ref: "a"), .sample("c1", ref: "c"),
            .sample("pop", kind: .pop, ref: "b"), .sample("nameless", ref: nil), .sample("d1", ref: "d"),
            .sample("b2", ref: "b"),
        ])
        #expect(try await log.recentCalls(before: nil, limit: 10).texts == ["b2", "d1", "c1", "a2"])
        let first = try await log.recentCalls(before: nil, limit: 2)
        #expect(first.texts == ["b2", "d1"])
        // b was told on the first page: its older entry is no call of the second.
        #expect(try await log.recentCalls(before: first[1].position, limit: 10).texts == ["c1", "a2"])
        #expect(try await log.recentCalls(before: nil, limit: 0).isEmpty)
    }

    @Test(arguments: LogImplementation.allCases)
    func heldEntriesStayHeldUntilTheyAreToldAnew(_ implementation: LogImplementation) async throws {
        let test = try await LogUnderTest(implementation, in: TemporaryFolder())
        let first = try await test.log.append([
            .sample("1", kind: .missed, held: true), .sample("2", kind: .missed),
            .sample("3", kind: .missed, held: true),
            .sample("4", kind: .missed, agent: "1002", held: true),
        ])
        #expect(try await test.log.held(agent: Extension("1001")).texts == ["1", "3"])
        #expect(try await test.log.held(agent: Extension("1001")).texts == ["1", "3"])
        var anew = LogEntry.sample("1 anew", kind: .missed)
        anew.handsOver = first
        _ = try await test.log.append([anew, .sample("later")])
        let again = try await test.reopen()
        #expect(try await again.held(agent: Extension("1001")).texts == ["3"])
        try await again.release([Position(first.rawValue + 2)])
        #expect(try await again.held(agent: Extension("1001")).isEmpty)
        #expect(try await again.held(agent: Extension("1002")).texts == ["4"])
        #expect(try await again.entries(.kind(.missed), after: nil, limit: 9).count == 5)
    }

    @Test(arguments: LogImplementation.allCases)
    func trimmingIsToldByTheBounds(_ implementation: LogImplementation) async throws {
        let test = try await LogUnderTest(implementation, in: TemporaryFolder())
        let start = try await test.log.bounds().newest
        // Several stretches of the trim.
        let first = try await test.log.append((0..<3000).map { .sample(at: $0) }).rawValue
        #expect(try await test.log.trim(before: Timestamp(milliseconds: 2000)) == 2000)
        #expect(try await test.log.trim(before: Timestamp(milliseconds: 2000)) == 0)
        let bounds = try await test.reopen().bounds()
        #expect(bounds == LogBounds(oldest: Position(first + 2000), newest: Position(first + 2999)))
        #expect(!bounds.reachesBack(to: start))
        #expect(!bounds.reachesBack(to: Position(first + 1998)))
        #expect(bounds.reachesBack(to: Position(first + 1999)))
        #expect(!bounds.reachesBack(to: Position(first + 3000)))
    }

    @Test(arguments: LogImplementation.allCases)
    func positionsGoOnAfterEverythingWasTrimmed(_ implementation: LogImplementation) async throws {
        let test = try await LogUnderTest(implementation, in: TemporaryFolder())
        let last = try await test.log.append([.sample(), .sample()]).rawValue + 1
        #expect(try await test.log.trim(before: Timestamp(milliseconds: 5000)) == 2)
        let again = try await test.reopen()
        #expect(try await again.bounds() == LogBounds(oldest: Position(last + 1), newest: Position(last)))
        #expect(try await again.append([.sample()]) == Position(last + 1))
    }

    @Test(arguments: LogImplementation.allCases)
    func onlyDeadLettersAreRemovedAndTheBoundsStay(_ implementation: LogImplementation) async throws {
        let test = try await LogUnderTest(implementation, in: TemporaryFolder())
        let first = try await test.log.append([
            .sample("bad 0", kind: .deadLetter), .sample("call"), .sample("bad 2", kind: .deadLetter),
            .sample("missed", kind: .missed), .sample("bad 4", kind: .deadLetter),
        ]).rawValue
        let bounds = try await test.log.bounds()
        let wanted = [4, 3, 1, 0, 4, 99].map { Position(first + $0) }
        #expect(try await test.log.removeDeadLetters(at: wanted) == [0, 4].map { Position(first + $0) })
        #expect(try await test.log.removeDeadLetters(at: wanted).isEmpty)
        #expect(try await test.log.removeDeadLetters(at: []).isEmpty)
        #expect(try await test.log.bounds() == bounds)
        // The newest is gone, and its position is not given away again.
        let again = try await test.reopen()
        #expect(try await again.bounds() == bounds)
        #expect(try await again.append([.sample("later")]) == Position(first + 5))
        let left = try await again.entries(.everything, after: nil, limit: 9).texts
        #expect(left == ["call", "bad 2", "missed", "later"])
        #expect(try await again.entries(.kind(.deadLetter), after: nil, limit: 9).texts == ["bad 2"])
    }

    @Test(arguments: LogImplementation.allCases)
    func marksOutliveARestart(_ implementation: LogImplementation) async throws {
        let test = try await LogUnderTest(implementation, in: TemporaryFolder())
        #expect(try await test.log.mark("sink") == nil)
        try await test.log.setMark("sink", [1, 2])
        try await test.log.setMark("empty", [])
        try await test.log.setMark("gone", [9])
        try await test.log.setMark("sink", [3])
        try await test.log.setMark("gone", nil)
        let again = try await test.reopen()
        #expect(try await again.mark("sink") == [3])
        #expect(try await again.mark("empty") == [])
        #expect(try await again.mark("gone") == nil)
    }

    @Test(arguments: LogImplementation.allCases)
    func concurrentAppendsStayWholeAndInOrder(_ implementation: LogImplementation) async throws {
        let test = try await LogUnderTest(implementation, in: TemporaryFolder())
        let log = test.log
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    var last = Position(0)
                    for number in 0..<25 {
                        let first = try await log.append((0..<3).map { .sample("\(number) \($0)", ref: "w\(writer)") })
                        #expect(first > last)
                        last = first
                    }
                }
            }
            try await group.waitForAll()
        }
        let again = try await test.reopen()
        let all = try await again.entries(.everything, after: nil, limit: 1000)
        #expect(all.count == 600)
        #expect(Set(all.map(\.position)).count == 600)
        for group in stride(from: 0, to: all.count, by: 3) {
            #expect(Set(all[group..<group + 3].map(\.entry.ref)).count == 1)
        }
        for writer in 0..<8 {
            let own = try await again.entries(.call(CallRef("w\(writer)")), after: nil, limit: 1000)
            #expect(own.texts == (0..<75).map { "\($0 / 3) \($0 % 3)" })
        }
    }
}
