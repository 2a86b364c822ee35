import CTICore
import CTIPipeline
import NIOHTTP1
import Synchronization
import Testing

@testable import CTIHub

/// What boards are told: everything at first, then what differs; and only to supervisors of the tenant.
@Suite(.timeLimit(.minutes(1)))
struct BoardTests {
    private static let path = "/v1/acme/board"
    private let gateway = FakeGateway(.acme)
    private let log = InMemoryEventLog()

    /// Keeps what it was sent.
    private final class Screen: FrameOutlet {
        private let state = Mutex<(frames: [Frame], isFinished: Bool)>(([], false))
        func send(_ frames: [Frame]) { state.withLock { $0.frames += frames } }
        func finish(retryAfter: Duration) { state.withLock { $0.isFinished = true } }
        var frames: [Frame] { state.withLock { $0.frames } }
        var events: [String] { frames.map(\.event) }
        var isFinished: Bool { state.withLock { $0.isFinished } }
        var newest: JSONTree? { frames.last.flatMap { try? JSONTree($0.data) } }
    }

    private func feed() async throws -> BoardFeed {
        let tokens = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let tenant = HubTenant(gateway: gateway, log: log, tokens: tokens)
        return BoardFeed(id: .acme, now: { .start }, tenant: { tenant })
    }

    private func presence(_ calls: [(ref: String, agent: String, up: Int64?)], pops: Int = 0) -> BoardPresence {
        let rows = calls.map { call in
            BoardPresence.UnderWay(
                ref: CallRef(call.ref), caller: "0821234567", queue: "Sales", state: call.up == nil ? .ringing : .up,
                agents: [Extension(call.agent)], since: .start,
                upAt: call.up.map { Timestamp(milliseconds: Timestamp.start.milliseconds + $0) })
        }
        var john = BoardPresence.Known(extension: Extension("1007"), name: "John")
        john.pops = pops
        return BoardPresence(
            displayName: "Acme", calls: rows, agents: [john], queues: ["Sales", "Claims"],
            readiness: Readiness(state: .ready, since: .start))
    }

    // MARK: The feed

    @Test func aBoardIsToldEverythingThenWhatDiffers() async throws {
        let (feed, screen) = (try await feed(), Screen())
        await gateway.show(presence([("c1", "1007", nil)]))
        _ = await feed.open(screen)
        await feed.tick()
        #expect(screen.events == ["hello", "snapshot"])
        #expect(screen.newest?["tables"]?["queues"]?.elements.compactMap { $0["key"]?.text } == ["Claims", "Sales"])
        await feed.tick()
        #expect(screen.events.count == 2, "nothing has changed")
        await gateway.show(presence([("c1", "1007", 5)]))
        await feed.tick()
        #expect(screen.events.last == "delta")
        let tables = screen.newest?["tables"]
        #expect(tables?["calls"]?["set"]?.elements.first?["state"]?.text == "up")
        #expect(tables?["agents"]?["set"]?.elements.first?["callState"]?.text == "up")
        #expect(tables?["missed"] == nil)
        await gateway.show(presence([]))
        await feed.tick()
        #expect(screen.newest?["tables"]?["calls"]?["gone"]?.elements.compactMap(\.text) == ["c1"])
        #expect(screen.frames.map(\.id.rawValue) == [1, 2, 3, 4])
    }

    @Test func whoComesLaterIsToldTheSameAtOnce() async throws {
        let (feed, first, second) = (try await feed(), Screen(), Screen())
        await gateway.show(presence([("c1", "1007", nil)]))
        _ = await feed.open(first)
        await feed.tick()
        let board = await feed.open(second)
        #expect(second.events == ["hello", "snapshot"])
        #expect(second.frames.last?.data == first.frames.last?.data)
        await gateway.show(presence([]))
        await feed.tick()
        #expect(second.events == ["hello", "snapshot", "delta"])
        #expect(second.frames.map(\.id.rawValue) == second.frames.map(\.id.rawValue).sorted())
        await feed.close(board)
        await gateway.show(presence([("c2", "1007", nil)]))
        await feed.tick()
        #expect(second.events.count == 3)
    }

    @Test func allCallsAreAskedForOnceThenThoseUnderWay() async throws {
        let (feed, screen) = (try await feed(), Screen())
        await gateway.show(presence([("c1", "1007", 1), ("c2", "1008", nil)]))
        _ = await feed.open(screen)
        for _ in 0..<2 { await feed.tick() }
        let asked = await gateway.boardQuestions
        #expect(asked.map { $0 == nil } == [true, false])
        let second = asked.compactMap(\.self).flatMap(\.self).map(\.rawValue)
        #expect(Set(second) == ["c1", "c2"])
    }

    /// A PBX that tells of no ends would fill the board with calls that are long over.
    @Test func ofAnAgentsCallsTheNewestIsShown() throws {
        let calls = presence((0..<6).map { ("c\($0)", "1007", Int64($0)) } + [("w", "1007", nil)]).calls
        let shown = BoardCalls(calls.shuffled())
        #expect(Set(shown.shown.map(\.ref.rawValue)) == ["c5", "w"])
        #expect(Set(shown.remembered.map(\.rawValue)) == ["c5", "c4", "c3", "w"])
    }

    @Test func aLogThatCannotBeReadIsToldAndCallsAreShownAllTheSame() async throws {
        let (feed, screen) = (try await feed(), Screen())
        await log.fail(with: EventLogError(.corrupt, "damaged"))
        await gateway.show(presence([("c1", "1007", nil)]))
        _ = await feed.open(screen)
        await feed.tick()
        #expect(screen.newest?["figures"]?["tenant"]?["problem"]?.text == "event log corrupt: damaged")
        #expect(screen.newest?["tables"]?["calls"]?.elements.count == 1)
        await log.fail(with: nil)
        await feed.tick()
        #expect(screen.newest?["figures"]?["tenant"]?["problem"] == .null)
    }

    @Test func anotherTenantOfTheNameBeginsAnewAndNoneEndsTheStream() async throws {
        let other = FakeGateway(.acme)
        await gateway.show(presence([("c1", "1007", nil)]))
        await other.show(presence([("c2", "1007", nil)]))
        let tokens = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let tenant = Mutex<HubTenant?>(HubTenant(gateway: gateway, log: log, tokens: tokens))
        let feed = BoardFeed(id: .acme, now: { .start }, tenant: { tenant.withLock { $0 } })
        let screen = Screen()
        _ = await feed.open(screen)
        await feed.tick()
        tenant.withLock { [log] in $0 = HubTenant(gateway: other, log: log, tokens: tokens) }
        await feed.tick()
        #expect(screen.events == ["hello", "snapshot", "snapshot"])
        #expect(screen.newest?["tables"]?["calls"]?.elements.compactMap { $0["key"]?.text } == ["c2"])
        tenant.withLock { $0 = nil }
        await feed.tick()
        #expect(screen.isFinished)
    }

    @Test func aDeadLetterIsShownWithoutItsPayload() async throws {
        let (feed, screen) = (try await feed(), Screen())
        let data = Array(#"{"code":"not-json","message":"byte 1: expected a value"}"#.utf8)
        _ = try await log.append(
            [LogEntry(kind: .deadLetter, at: .start, data: data, raw: Array("0821234567".utf8))])
        _ = await feed.open(screen)
        await feed.tick()
        let row = screen.newest?["tables"]?["deadLetters"]?.elements.first
        #expect(row?["code"]?.text == "not-json")
        #expect(row?["place"]?.text == "inbound")
        let text = screen.frames.map { String(decoding: $0.data, as: UTF8.self) }.joined()
        #expect(!text.contains("0821234567"))
    }

    @Test func whoComesAgainSoonIsShownTheMomentAndNothingIsReadAnew() async throws {
        let feed = try await feed()
        await withDiscardingTaskGroup { group in
            group.addTask { await feed.run(every: .milliseconds(20)) }
            for ref in ["c1", "c2"] {
                await gateway.show(presence([(ref, "1007", nil)]))
                let screen = Screen()
                let board = await feed.open(screen)
                while !screen.events.contains("snapshot") { await Task.yield() }
                await feed.close(board)
                let shown = screen.frames.first { $0.event == "snapshot" }.flatMap { try? JSONTree($0.data) }
                #expect(shown?["tables"]?["calls"]?.elements.compactMap { $0["key"]?.text } == [ref])
                // Until it has noticed that nobody looks any more.
                while await feed.isShowing { await Task.yield() }
            }
            group.cancelAll()
        }
        #expect(await gateway.boardQuestions.count { $0 == nil } == 1, "all calls are asked for once")
    }

    // MARK: The endpoint

    @Test func aStreamBeginsWithASnapshotAndGoesOn() async throws {
        let token = try await token()
        await gateway.show(presence([("c1", "1007", nil)]))
        try await RunningHub.run(gateway) { [gateway] hub async throws in
            var reader = try await hub.stream(Self.path, token: token)
            #expect(reader.headers["Content-Type"] == ["text/event-stream"])
            #expect(try await reader.frame() == "retry: 2000")
            for beginning in ["id: 1\nevent: hello\n", "id: 2\nevent: snapshot\n"] {
                let frame = try await reader.frame()
                #expect(frame?.hasPrefix(beginning) == true)
            }
            await gateway.show(presence([]))
            let frame = try await reader.frame()
            #expect(frame?.hasPrefix("id: 3\nevent: delta\n") == true)
        }
    }

    @Test(arguments: [("?once", nil), ("", "application/json")])
    func scriptsAreGivenTheSnapshotAlone(query: String, accept: String?) async throws {
        let token = try await token()
        await gateway.show(presence([("c1", "1007", nil)]))
        try await RunningHub.run(gateway) { hub async throws in
            let headers = accept.map { [("Accept", $0)] } ?? []
            let answer = try await hub.request(.GET, Self.path + query, token: token, headers: .init(headers))
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == ["application/json"])
            let snapshot = try JSONTree(Array(answer.body.utf8))
            #expect(snapshot["tables"]?["calls"]?.elements.first?["key"]?.text == "c1")
        }
    }

    @Test func onlyASupervisorOfTheTenantMaySeeIt() async throws {
        let tokens = [
            (nil, 401), (try await token(TestClaims(scope: "agent")), 403),
            (try await token(TestClaims(tenant: "other", scope: "supervisor")), 403),
            (try await token(TestClaims(scope: "supervisor"), secret: TestSecret.other), 401),
        ]
        try await RunningHub.run(gateway) { hub async throws in
            for (token, status) in tokens {
                #expect(try await hub.request(.GET, Self.path + "?once", token: token).status == status)
            }
        }
        #expect(await gateway.boardQuestions.isEmpty, "nobody looked, so nothing was asked")
    }

    @Test func aStopLeavesNobodyWaiting() async throws {
        let token = try await token()
        await gateway.show(
            BoardPresence(displayName: "Acme", readiness: Readiness(state: .stopping, since: .start)))
        try await RunningHub.run(gateway) { hub async throws in
            #expect(try await hub.request(.GET, Self.path + "?once", token: token).status == 503)
        }
    }
}

extension JSONTree {
    fileprivate var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
}
