import CTICore
import CTIHub
import CTIPipeline
import Foundation
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StreamTests {
    @Test func helloComesFirstThenFramesInOrderWithTheirIDs() async throws {
        let gateway = FakeGateway(.acme, greeting: [.call(101)])
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            var reader = try await hub.stream(.events, token: token)
            #expect(reader.status == 200)
            #expect(reader.headers["Content-Type"] == ["text/event-stream"])
            #expect(reader.headers["Cache-Control"] == ["no-store"])
            #expect(reader.headers["X-Accel-Buffering"] == ["no"])
            #expect(try await reader.frame() == "retry: 2000")
            #expect(try await reader.frame() == "id: 100\nevent: hello\ndata: {\"session\":\"s1\"}")
            #expect(try await reader.frame() == "id: 101\nevent: call\ndata: {\"event\":\"up\"}")
            await gateway.send([.call(102, "{\"a\":1}"), .call(103, "{\"a\":2}")])
            #expect(try await reader.frame() == "id: 102\nevent: call\ndata: {\"a\":1}")
            #expect(try await reader.frame() == "id: 103\nevent: call\ndata: {\"a\":2}")
        }
    }

    @Test(arguments: [
        ("", nil, nil), ("?last_event_id=41", nil, "41"), ("?last_event_id=41", "42", "42"), ("", "x y", "x y"),
        ("?last_event_id=", nil, nil),
    ])
    func thePlaceToResumeFromIsPassedOn(query: String, header: String?, expected: String?) async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            let headers = header.map { [("Last-Event-ID", $0)] } ?? []
            var reader = try await hub.stream(.events + query, token: token, headers: .init(headers))
            _ = try await reader.next()
            _ = try await reader.next()
            #expect(await gateway.lastEventIDs == [expected])
        }
    }

    @Test func theBoardHasAStreamOfItsOwn() async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            var reader = try await hub.stream("/v1/acme/realtime", token: token)
            _ = try await reader.next()
            #expect(try await reader.next() == "id: 100\nevent: hello\ndata: {\"session\":\"s1\"}")
        }
    }

    @Test func anIdleStreamCarriesComments() async throws {
        let token = try await token()
        try await RunningHub.run(heartbeat: .milliseconds(32)) { hub async throws in
            var reader = try await hub.stream(.events, token: token)
            _ = try await reader.next()
            _ = try await reader.next()
            #expect(try await reader.next() == ":")
            #expect(try await reader.next() == ":")
        }
    }

    @Test func aClientThatLeavesIsNoticedAtOnce() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        // With hours between heartbeats, only the closed connection can tell.
        try await RunningHub.run(gateway, heartbeat: .seconds(36_000)) { hub async throws in
            var reader: EventReader? = try await hub.stream(.events, token: token)
            _ = try await reader?.next()
            _ = try await reader?.next()
            reader = nil
            await gateway.waitUntilClosed()
            #expect(await gateway.closed == [SessionID("s1")])
        }
    }

    @Test func aStopEndsStreamsWithARetryHintAtOnce() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        let clock = ContinuousClock()
        let (starts, start) = AsyncStream<ContinuousClock.Instant>.makeStream()
        try await RunningHub.run(gateway, heartbeat: .seconds(36_000)) { hub async throws in
            var reader = try await hub.stream(.events, token: token)
            _ = try await reader.next()
            _ = try await reader.next()
            start.yield(clock.now)
            await hub.stop()
            #expect(try await reader.rest() == ["retry: 2000"])
        }
        var iterator = starts.makeAsyncIterator()
        let began = try #require(await iterator.next())
        // Without the hint it would wait for the next heartbeat, in half an hour.
        #expect(clock.now - began < .seconds(20))
        #expect(await gateway.closed == [SessionID("s1")])
    }

    @Test func aStreamEndsWhenItsTokenExpires() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        let clock = SettableClock()
        try await RunningHub.run(gateway, heartbeat: .milliseconds(32), now: clock.read) { hub async throws in
            var reader = try await hub.stream(.events, token: token)
            _ = try await reader.next()
            _ = try await reader.next()
            clock.now = Timestamp.start.adding(.seconds(61))
            #expect(try await reader.rest().last == "retry: 2000")
            await gateway.waitUntilClosed()
        }
    }

    @Test func aLogThatFailsEndsTheStreamWithARetryHint() async throws {
        let gateway = FakeGateway(.acme, failure: EventLogError(.failed, "broken"))
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            var reader = try await hub.stream(.events, token: token)
            #expect(try await reader.rest() == ["retry: 2000", "retry: 2000"])
            #expect(await gateway.closed.isEmpty)
        }
    }

    @Test func aClientThatDoesNotReadIsSentWhatFitsAndThenCut() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        try await RunningHub.run(gateway, heartbeat: .milliseconds(160), mailboxBytes: 64 * 1024) { hub async throws in
            var reader = try await hub.stream(.events, token: token)
            _ = try await reader.next()
            _ = try await reader.next()
            // More than the sockets of both sides and the mailbox hold together.
            let large = "\"" + String(repeating: "x", count: 1 << 20) + "\""
            for id in 101...140 as ClosedRange<Int64> { await gateway.send([.call(id, large)]) }
            await gateway.waitUntilClosed()
            #expect(hub.hub.counters.mailboxOverflows == 1)
        }
    }

    @Test func theDialectReachesTheTenant() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            for dialect in [nil, "xcally", "enreach"] {
                let query = dialect.map { "?dialect=\($0)" } ?? ""
                var reader = try await hub.stream(.events + query, token: token)
                _ = try await reader.next()
            }
            #expect(await gateway.dialects == [.ctid, .xcally, .enreach])
        }
    }

    @Test func dialectsThatAreNotKnownAreRefused() async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            #expect(try await hub.request(.GET, .events + "?dialect=klingon", token: token).status == 400)
            let reader = try await hub.stream(.events + "?dialect=ctid", token: token)
            #expect(reader.status == 200)
        }
    }
}
