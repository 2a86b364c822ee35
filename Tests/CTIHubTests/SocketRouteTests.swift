import CTICore
import CTIHub
import CTIPipeline
import Foundation
import NIOHTTP1
import Testing

/// Socket.IO by polling: what a client is let into, what it is told, what it may say.
@Suite(.timeLimit(.minutes(1)))
struct SocketRouteTests {
    private static let pop = Frame(id: Position(103), event: "pop", data: Array(#"{"id":"pop-1","x":1}"#.utf8))

    @Test func aClientIsToldWhatPagesAreTold() async throws {
        let gateway = FakeGateway(.acme, greeting: [.call(101)])
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run(gateway) { hub async throws in
            var client = try await PollingClient(hub)
            try await client.send(#"40{"token":"\#(token)"}"#)
            #expect(try await client.next().hasPrefix(#"40{"sid":""#))
            #expect(try await client.next() == #"42["hello",{"session":"s1","recovered":false,"id":"100"}]"#)
            #expect(try await client.next() == #"42["call",{"event":"up"}]"#)
            await gateway.send([.call(102, #"{"a":1}"#), Self.pop])
            #expect(try await client.next() == #"42["call",{"a":1}]"#)
            #expect(try await client.next() == #"420["pop",{"id":"pop-1","x":1}]"#)
            try await client.send("41")
            await gateway.waitUntilClosed()
        }
    }

    @Test(arguments: [
        ("[]", AckOutcome.shown), ("[null]", .shown), (#"["blocked"]"#, .blocked), (#"["handled"]"#, .handled),
        (#"[{"outcome":"dismissed"}]"#, .dismissed), ("[true]", .shown), (#"["fine"]"#, .shown),
    ])
    func theAcknowledgementOfAPopCounts(answer: String, outcome: AckOutcome) async throws {
        let gateway = FakeGateway(.acme, greeting: [Self.pop])
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run(gateway) { hub async throws in
            var client = try await PollingClient(hub, auth: #"{"token":"\#(token)"}"#)
            #expect(try await client.next().hasPrefix("420[\"pop\""))
            // Its answer comes after the acknowledgement was dealt with.
            try await client.send("430\(answer)", #"425["state","focused"]"#)
            #expect(try await client.next() == #"435[{"ok":true}]"#)
            #expect(
                await gateway.acks == [PopAck(id: PopID("pop-1"), outcome: outcome, session: SessionID("s1"))])
            #expect(await gateway.states == [.focused])
        }
    }

    @Test(arguments: [
        (#"["ack",{"id":"pop-1","outcome":"handled"}]"#, #"{"ok":true}"#),
        (#"["ack",{"id":"pop-2","outcome":"handled"}]"#, #"{"ok":false,"error":"There is no such pop."}"#),
        (
            #"["ack",{"id":"pop-1"}]"#,
            #"{"ok":false,"error":"The outcome is one of shown, blocked, dismissed, handled."}"#
        ),
        (#"["ack"]"#, #"{"ok":false,"error":"The member id is missing."}"#),
        (#"["state",{"state":"hidden"}]"#, #"{"ok":true}"#),
        (#"["state","gone"]"#, #"{"ok":false,"error":"The state is one of focused, visible, hidden."}"#),
        (#"["state",7]"#, #"{"ok":false,"error":"The state is one of focused, visible, hidden."}"#),
        (#"["dance"]"#, #"{"ok":false,"error":"There is no such event; there are ack and state."}"#),
    ])
    func whatAClientSaysIsAnswered(event: String, answer: String) async throws {
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run { hub async throws in
            var client = try await PollingClient(hub, auth: #"{"token":"\#(token)"}"#)
            try await client.send("425\(event)")
            #expect(try await client.next() == "435[\(answer)]")
        }
    }

    @Test func aSupervisorIsToldOfTheBoardAlone() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token(TestClaims(sub: nil, scope: "supervisor"))
        try await RunningHub.run(gateway) { hub async throws in
            var client = try await PollingClient(hub, auth: #"{"token":"\#(token)"}"#)
            try await client.send(#"425["state","focused"]"#)
            #expect(try await client.next() == #"435[{"ok":false,"error":"The token lacks the scope agent."}]"#)
            #expect(await gateway.dialects.isEmpty)
        }
    }

    /// Both streams go on from the same place, and are told as one.
    @Test func whoIsBothIsToldOfBoth() async throws {
        let gateway = FakeGateway(.acme, greeting: [.call(103), .call(101), .call(102)])
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            var client = try await PollingClient(hub)
            try await client.send(#"40{"token":"\#(token)","lastEventId":"77","recover":true}"#)
            _ = try await client.next()
            #expect(
                try await client.next() == #"42["hello",{"session":"s1","recovered":false,"id":"100"},"100"]"#)
            for id in [101, 101, 102, 102, 103, 103] {
                #expect(try await client.next() == #"42["call",{"event":"up"},"\#(id)"]"#)
            }
            #expect(await gateway.lastEventIDs == ["77", "77"])
        }
    }

    // MARK: Coming back

    @Test(arguments: [
        (#""lastEventId":"41""#, "41"), (#""lastEventId":41"#, "41"), (#""lastEventId":"""#, nil),
        (#""offset":"41""#, nil), (#""recover":true,"pid":"somebody-else","offset":"41""#, nil),
    ])
    func thePlaceToResumeFromIsPassedOn(options: String, expected: String?) async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run(gateway) { hub async throws in
            _ = try await PollingClient(hub, auth: #"{"token":"\#(token)",\#(options)}"#)
            #expect(await gateway.lastEventIDs == [expected])
        }
    }

    @Test(arguments: [true, false])
    func whoAsksForItIsRecovered(isInTheLog: Bool) async throws {
        let gateway = FakeGateway(.acme, recovers: isInTheLog)
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run(gateway) { hub async throws in
            var client = try await PollingClient(hub)
            try await client.send(#"40{"token":"\#(token)","recover":true}"#)
            let first = try await client.next()
            let id = try #require(first.split(separator: "\"").dropLast().last.map(String.init))
            #expect(first.contains(#","pid":"\#(id)""#))
            var again = try await PollingClient(hub)
            try await again.send(#"40{"token":"\#(token)","recover":true,"pid":"\#(id)","offset":"41"}"#)
            #expect(try await again.next().contains(#","pid":"\#(id)""#) == isInTheLog)
            #expect(await gateway.lastEventIDs == [nil, "41"])
            // Another agent with the same page is not taken for the one before.
            let other = try await CTIHubTests.token(TestClaims(sub: "1002", scope: "agent"))
            var third = try await PollingClient(hub)
            try await third.send(#"40{"token":"\#(other)","recover":true,"pid":"\#(id)","offset":"41"}"#)
            #expect(try await third.next().contains(#","pid":"\#(id)""#) == false)
            #expect(await gateway.lastEventIDs == [nil, "41", nil])
        }
    }

    @Test func theDialectIsPassedOn() async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run(gateway) { hub async throws in
            _ = try await PollingClient(hub, auth: #"{"token":"\#(token)","dialect":"xcally"}"#)
            #expect(await gateway.dialects == [.xcally])
            var client = try await PollingClient(hub)
            try await client.send(#"40{"token":"\#(token)","dialect":"klingon"}"#)
            #expect(try await client.next().hasPrefix(#"44{"message":"The dialect is not known;"#))
        }
    }

    // MARK: Who may

    @Test func tokensMayComeFromThreePlaces() async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            var byQuery = try await PollingClient(hub, query: "&access_token=\(token)")
            try await byQuery.send("40/acme,")
            #expect(try await byQuery.next().hasPrefix(#"40/acme,{"sid":""#))
            var byHeader = try await PollingClient(hub, headers: ["Authorization": "Bearer \(token)"])
            try await byHeader.send("40{}")
            #expect(try await byHeader.next().hasPrefix(#"40{"sid":""#))
        }
    }

    @Test func whoMayNotIsToldWhy() async throws {
        let none = "An access token is needed."
        let bad = "The access token is not valid, or no longer."
        let anothers = "The token is for another tenant."
        let cases: [(connect: String, message: String, status: Int)] = [
            ("40", none, 401), ("40{}", none, 401), (#"40{"token":7}"#, none, 401), (#"40{"token":""}"#, none, 401),
            (#"40{"token":"x"}"#, bad, 401),
            (#"40{"token":"\#(try await token(secret: TestSecret.other))"}"#, bad, 401),
            (#"40{"token":"\#(try await token(TestClaims(exp: 1)))"}"#, bad, 401),
            (#"40{"token":"\#(try await token(TestClaims(tenant: "umbrella")))"}"#, bad, 401),
            (#"40/umbrella,{"token":"\#(try await token())"}"#, anothers, 403),
            (#"40/acme/,{"token":"\#(try await token())"}"#, anothers, 403),
            (
                #"40{"token":"\#(try await token(TestClaims(scope: "ingest admin")))"}"#,
                "The token lacks the scope agent or supervisor.", 403
            ),
            (#"40{"token":"\#(try await token(TestClaims(sub: nil)))"}"#, "The token names no extension.", 403),
        ]
        try await RunningHub.run { hub async throws in
            for (connect, message, status) in cases {
                var client = try await PollingClient(hub)
                try await client.send(connect)
                let answer = try await client.next()
                #expect(answer.hasSuffix(#"{"message":"\#(message)","data":{"status":\#(status)}}"#))
            }
            let metrics = try await hub.request(.GET, "/metrics").body
            #expect(metrics.contains("ctid_socketio_refused_connects_total \(cases.count)\n"))
        }
    }

    @Test func anExpiredTokenEndsItsSocket() async throws {
        let clock = SettableClock()
        let gateway = FakeGateway(.acme)
        let token = try await token(TestClaims(scope: "agent"))
        try await RunningHub.run(gateway, now: clock.read) { hub async throws in
            var client = try await PollingClient(hub, auth: #"{"token":"\#(token)"}"#)
            clock.now = Timestamp.start.adding(.seconds(61))
            #expect(try await client.next() == "41")
            await gateway.waitUntilClosed()
        }
    }

    // MARK: HTTP

    @Test func requestsThatAreWrongGetEngineIOsErrors() async throws {
        try await RunningHub.run { hub async throws in
            for (method, query, body) in [
                (HTTPMethod.GET, "", #"{"code":0,"message":"Transport unknown"}"#),
                (.GET, "?EIO=4&transport=polling&sid=x", #"{"code":1,"message":"Session ID unknown"}"#),
                (.POST, "?EIO=4&transport=polling", #"{"code":2,"message":"Bad handshake method"}"#),
                (.PUT, "?EIO=4&transport=polling", #"{"code":2,"message":"Bad handshake method"}"#),
                (.GET, "?EIO=4&transport=websocket", #"{"code":3,"message":"Bad request"}"#),
                (.GET, "?EIO=3&transport=polling", #"{"code":5,"message":"Unsupported protocol version"}"#),
            ] {
                for path in ["/socket.io/", "/socket.io"] {
                    let answer = try await hub.request(method, path + query)
                    #expect(answer.status == 400)
                    #expect(answer.body == body)
                }
            }
        }
    }

    @Test func aBodyThatIsTooLargeOrNoneEndsTheSession() async throws {
        try await RunningHub.run { hub async throws in
            let large = try await PollingClient(hub)
            #expect(try await large.post(String(repeating: "4", count: 70_000)).status == 413)
            #expect(try await large.post("40").body.contains("Session ID unknown"))
            let garbage = try await PollingClient(hub)
            #expect(try await garbage.post("x").status == 400)
            #expect(try await garbage.post("40").body.contains("Session ID unknown"))
        }
    }

    @Test func aSecondPollEndsTheSession() async throws {
        try await RunningHub.run { hub async throws in
            let client = try await PollingClient(hub)
            async let one = client.poll()
            async let other = client.poll()
            let answers = try await [one.body, other.body].sorted()
            let gone = #"{"code":1,"message":"Session ID unknown"}"#
            #expect(answers == [gone, #"{"code":3,"message":"Bad request"}"#])
        }
    }

    @Test func onlyPagesOfCRMsMayReadAnswers() async throws {
        let page = PageSettings(crmOrigins: ["https://crm.example"])
        try await RunningHub.run(page: page) { hub async throws in
            for (origin, isAllowed) in [("https://crm.example", true), ("https://other.example", false)] {
                let expected = isAllowed ? [origin] : []
                let path = "/socket.io/?EIO=4&transport=polling"
                let opened = try await hub.request(.GET, path, headers: ["Origin": origin])
                #expect(opened.headers["Access-Control-Allow-Origin"] == expected)
                #expect(opened.headers["Vary"] == ["Origin"])
                let preflight = try await hub.request(.OPTIONS, path, headers: ["Origin": origin])
                #expect(preflight.status == 204)
                #expect(preflight.headers["Access-Control-Allow-Origin"] == expected)
                #expect(preflight.headers["Access-Control-Allow-Headers"].count == expected.count)
            }
        }
    }

    @Test func sessionsAreCountedInTheMetrics() async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            _ = try await PollingClient(hub, auth: #"{"token":"\#(token)"}"#)
            let metrics = try await hub.request(.GET, "/metrics").body
            #expect(metrics.contains("ctid_socketio_sessions{transport=\"polling\"} 1\n"))
            #expect(metrics.contains("ctid_socketio_sessions{transport=\"websocket\"} 0\n"))
            #expect(metrics.contains("ctid_socketio_events_sent_total 1\n"))
        }
    }

    /// A log that cannot be read is no refusal, after which clients would not come back.
    @Test func aLogThatFailsEndsTheConnection() async throws {
        let gateway = FakeGateway(.acme, failure: EventLogError(.failed, "disk"))
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            var client = try await PollingClient(hub)
            try await client.send(#"40{"token":"\#(token)"}"#)
            #expect(try await client.next().contains("Session ID unknown"))
        }
    }
}
