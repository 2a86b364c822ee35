import NIOCore
import SocketIO
import Testing

@Suite(.timeLimit(.minutes(3)))
struct SocketServerTests {
    @Test func aClientJoinsAndIsAnswered() async throws {
        try await RunningServer.run { running in
            let client = try await running.client()
            try await client.expect("101 Switching Protocols")
            // RFC 6455's own way from key to answer.
            try await client.expect("Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=")
            try await client.expect(#""upgrades":[],"pingInterval":25000"#)
            client.send("40")
            try await client.expect(#"40{"sid":""#)
            try await client.expect(#"42["welcome"]"#)
            client.send(#"427["echo",1,{"a":[]}]"#)
            try await client.expect(#"437[1,{"a":[]}]"#)
            #expect(running.server.counters.sessions(.webSocket) == 1)
            client.send("41")
            try await eventually("the socket to be closed") { running.handler.closed == 1 }
            #expect(running.server.counters.unjoinedSessions == 1)
        }
    }

    @Test func messagesMayComeInPieces() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            client.send(0x01, Array(#"421["ec"#.utf8))
            // A ping in between is answered at once.
            client.send(0x89, Array("hello".utf8))
            client.send(0x00, Array(#"ho",""#.utf8))
            client.send(0x80, Array(#"x"]"#.utf8))
            try await client.expect("hello")
            try await client.expect(#"431["x"]"#)
        }
    }

    private static let wrong: [(UInt8, [UInt8], Bool, Int)] = [
        (0x81, Array(#"2["unmasked"]"#.utf8), false, 1002), (0x80, Array("2".utf8), true, 1002),
        (0xC1, Array("2".utf8), true, 1002), (0x83, [], true, 1002), (0x81, Array("x".utf8), true, 1002),
        (0x81, Array("2".utf8), true, 1002), (0x82, [4], true, 1002), (0x81, Array("4x".utf8), true, 1002),
        (0x09, [], true, 1002), (0x81, [UInt8](repeating: 0x34, count: 70_000), true, 1009),
        // JSON that is nested so deep that a careless parser would run out of stack.
        (0x81, Array("42".utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 60_000), true, 1002),
    ]

    @Test(arguments: 0..<wrong.count)
    func whatIsWrongEndsTheSessionAndNothingElse(index: Int) async throws {
        let (first, payload, isMasked, code) = Self.wrong[index]
        try await RunningServer.run { running in
            let other = try await running.joined()
            let client = try await running.joined()
            client.send(first, payload, isMasked: isMasked)
            try await client.expectEnd(code)
            try await eventually("the socket to be closed") { running.handler.closed == 1 }
            #expect(running.server.counters.protocolErrors == 1)
            other.send(#"427["echo"]"#)
            try await other.expect("437[]")
        }
    }

    @Test func piecesAreBoundedTogether() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            let piece = [UInt8](repeating: 0x34, count: 40_000)
            client.send(0x01, piece)
            client.send(0x00, piece)
            try await client.expectEnd(1009)
        }
    }

    @Test func theCloseHandshakeIsAnswered() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            client.send(0x88, [0x03, 0xE8])
            try await client.expectEnd(1000)
            try await eventually("the session to be over") { running.server.counters.sessions(.webSocket) == 0 }
        }
    }

    @Test(arguments: [
        ("EIO=3&transport=websocket", #"{"code":5,"message":"Unsupported protocol version"}"#),
        ("EIO=4&transport=polling", #"{"code":3,"message":"Bad request"}"#),
        ("EIO=4&transport=websocket&sid=x", #"{"code":1,"message":"Session ID unknown"}"#),
        ("EIO=4", #"{"code":0,"message":"Transport unknown"}"#),
    ])
    func refusalsAreEngineIOs(query: String, body: String) async throws {
        try await RunningServer.run { running in
            let client = try await running.client(query)
            try await client.expect(body)
            #expect(client.received.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            try await client.expectEnd()
        }
    }

    @Test func theServerAsksForAcknowledgements() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            let socket = try #require(running.handler.sockets.first)
            socket.emit(Emission("ask", [Array("1".utf8)]), tag: "first", within: .seconds(30))
            try await client.expect(#"420["ask",1]"#)
            client.send(#"430["yes"]"#)
            try await eventually("the acknowledgement") { running.handler.acknowledged == [#"first ["yes"]"#] }
        }
    }

    @Test func anAcknowledgementThatDoesNotComeIsTold() async throws {
        let settings = SocketServerSettings(pingInterval: .milliseconds(400))
        try await RunningServer.run(settings) { running in
            let client = try await running.joined()
            try #require(running.handler.sockets.first).emit(Emission("ask", []), tag: "t", within: .milliseconds(50))
            try await client.expect(#"420["ask"]"#)
            try await eventually("it to be given up") { running.handler.acknowledged == ["t nothing"] }
        }
    }

    @Test func binaryGoesAfterItsEvent() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            let placeholder = Array(#"{"_placeholder":true,"num":0}"#.utf8)
            try #require(running.handler.sockets.first)
                .emit(Emission("file", [placeholder], attachments: [Array("BYTES".utf8)]))
            try await client.expect(#"451-["file",{"_placeholder":true,"num":0}]"# + "\u{FFFD}\u{5}BYTES")
        }
    }

    @Test func aSilentClientIsCutAfterThePingTimeout() async throws {
        let settings = SocketServerSettings(pingInterval: .milliseconds(200), pingTimeout: .milliseconds(200))
        try await RunningServer.run(settings) { running in
            let client = try await running.client()
            try await client.expectEnd(1008)
            #expect(running.server.counters.pingTimeouts == 1)
            // The server pinged before it lost patience: a text frame of one byte.
            #expect(client.received.contains("\u{1}2"))
        }
    }

    @Test func whoJoinsNothingIsCut() async throws {
        let settings = SocketServerSettings(joinTimeout: .milliseconds(500))
        try await RunningServer.run(settings) { running in
            let client = try await running.client()
            try await client.expectEnd(1008)
        }
    }

    @Test func whoIsRefusedIsToldAndMayAskAgain() async throws {
        try await RunningServer.run { running in
            let client = try await running.client()
            client.send(#"40{"refuse":true}"#)
            try await client.expect(#"44{"message":"Refused"}"#)
            #expect(running.server.counters.refusedConnects == 1)
            client.send("40")
            try await client.expect("welcome")
        }
    }

    @Test func sessionsThatJoinNothingAreBounded() async throws {
        try await RunningServer.run(SocketServerSettings(unjoinedSessions: 2)) { running in
            let first = try await running.client()
            let second = try await running.client()
            try await first.expect("0{")
            try await second.expect("0{")
            let third = try await running.client()
            try await third.expect("HTTP/1.1 503")
            #expect(running.server.counters.refusedSessions == 1)
            first.send("40")
            try await first.expect("welcome")
            try await running.client().expect("0{")
        }
    }

    @Test func whoJoinsAndLeavesWithoutWaitingIsEnded() async throws {
        try await RunningServer.run { running in
            let client = try await running.client()
            for _ in 0..<2000 {
                client.send("40")
                client.send("41")
            }
            try await client.expectEnd()
        }
    }

    @Test func aConnectionThatIsResetIsNobodysFault() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            try await client.reset()
            try await eventually("the session to be over") { running.server.counters.sessions(.webSocket) == 0 }
            #expect(running.server.counters.protocolErrors == 0)
        }
    }

    @Test func aFloodOfEventsEndsTheSession() async throws {
        try await RunningServer.run(SocketServerSettings(pendingEvents: 0)) { running in
            let client = try await running.joined()
            client.send(#"2["a"]"#.replacing("2", with: "42"))
            try await client.expectEnd(1008)
            try await eventually("the socket to be closed") { running.handler.closed == 1 }
        }
    }

    /// One does not read at all, and 256 KiB wait for it, and what the kernel takes; the others get everything.
    @Test func aSlowReaderIsCutAndTheOthersAreNot() async throws {
        try await RunningServer.run { running in
            let reader = try await running.joined()
            let deaf = try await running.joined(isDeaf: true)
            let sockets = running.handler.sockets
            let filler = [UInt8](repeating: UInt8(ascii: "7"), count: 64 * 1024)
            for number in 0..<1000 where running.server.counters.overflows == 0 {
                let emission = Emission("large", [filler, Array("\(number)".utf8)])
                for socket in sockets { socket.emit(emission) }
                try await reader.expect(last: ",\(number)]")
            }
            #expect(running.server.counters.overflows == 1)
            try await eventually("the slow one to be cut") { running.server.counters.sessions(.webSocket) == 1 }
            reader.send(#"427["echo"]"#)
            try await reader.expect("437[]")
            deaf.close()
        }
    }

    @Test(.enabled(if: OpenFiles.raise() > 2200, "SKIPPED: so many files may not be open here"))
    func oneEventReachesAThousand() async throws {
        try await RunningServer.run { running in
            var clients: [RawClient] = []
            for _ in 0..<1000 { clients.append(try await running.client()) }
            for client in clients {
                try await client.expect("0{")
                client.send("40")
            }
            for client in clients { try await client.expect("welcome") }
            #expect(running.server.counters.sessions(.webSocket) == 1000)
            let emission = Emission("event", [Array(#"{"number":1}"#.utf8)])
            for socket in running.handler.sockets { socket.emit(emission) }
            for client in clients { try await client.expect(#"42["event",{"number":1}]"#) }
            for client in clients { client.close() }
            try await eventually("all to be gone") { running.server.counters.sessions(.webSocket) == 0 }
        }
    }

    @Test func stoppingEndsAllAndTellsTheHandler() async throws {
        let handler: EchoHandler
        let client: RawClient
        do {
            var kept: (EchoHandler, RawClient)?
            try await RunningServer.run { running in kept = (running.handler, try await running.joined()) }
            (handler, client) = try #require(kept)
        }
        try await client.expectEnd(1001)
        #expect(handler.closed == 1)
    }

    @Test func aSocketMayBeTurnedOutOrItsConnectionEnded() async throws {
        try await RunningServer.run { running in
            let client = try await running.joined()
            client.send(#"42["leave"]"#)
            try await client.expect("\u{2}41")
            let other = try await running.joined()
            other.send(#"42["end"]"#)
            try await other.expectEnd(1000)
        }
    }
}
