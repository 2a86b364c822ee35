import Foundation
import Testing

/// The daemon's Socket.IO with python-socketio 5, over every way that it connects.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: SocketPeer.isThere, "SKIPPED: python-socketio is not in .build/peers, make it by Tools/peers.sh"))
struct SocketIOServerTests {
    private static let transports = [["polling"], ["websocket"], ["polling", "websocket"]]

    private func withPeer(
        _ daemon: DaemonUnderTest, _ options: [String: Any], _ body: (SocketPeer) async throws -> Void
    ) async throws {
        let peer = try SocketPeer(daemon, options)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(peer)) } catch { outcome = .failure(error) }
        await peer.stop()
        try outcome.get()
    }

    private func expectOutcome(_ outcome: String, of ref: String, _ daemon: DaemonUnderTest) async throws {
        try await eventually("the server to learn that it was \(outcome)") {
            try await daemon.call(ref).contains(#""outcome":"\#(outcome)""#)
        }
    }

    @Test(
        "An agent is told of calls, pops and clears, and what the pop's handler returns counts", arguments: transports)
    func agent(transports: [String]) async throws {
        try await Acme.run { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            let options: [String: Any] = [
                "auth": ["token": token], "transports": transports, "answer": "handled",
                "emits": [["state", "focused"], ["dance"]],
            ]
            try await withPeer(daemon, options) { peer in
                let expected = transports.last ?? ""
                #expect(try await peer.event("connect").arguments == ["\"\(expected)\""])
                let hello = try await peer.event("hello")
                #expect(hello.arguments.count == 1)
                #expect(hello["recovered"] == "0")
                #expect(hello["id"] != nil)
                #expect(try await peer.event("answer").arguments == [#"{"ok":true}"#])
                try await redis.push(Acme.call("c1"))
                let call = try await peer.event("call", ref: "c1")
                #expect(call.arguments.count == 1)
                #expect(call["agent.extension"] == "1007")
                let pop = try await peer.event("pop", ref: "c1")
                #expect(pop.arguments.count == 1)
                #expect(pop["actions"]?.contains("https://crm.example/c1") == true)
                let clear = try await peer.event("clear", ref: "c1")
                #expect(clear["reason"] == "handled")
                #expect(clear["id"] == pop["id"])
                try await expectOutcome("handled", of: "c1", daemon)
                let metrics = try await daemon.get("/metrics").body
                #expect(metrics.contains("ctid_socketio_sessions{transport=\"\(expected)\"} 1\n"))
            }
            try await eventually("the session to be over") {
                let metrics = try await daemon.get("/metrics").body
                return metrics.contains("ctid_socketio_sessions{transport=\"polling\"} 0\n")
                    && metrics.contains("ctid_socketio_sessions{transport=\"websocket\"} 0\n")
            }
        }
    }

    @Test("A handler that returns nothing has shown the pop; one that refuses it passes it on")
    func outcomes() async throws {
        try await Acme.run { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            try await withPeer(daemon, ["auth": ["token": token], "namespace": "/acme"]) { peer in
                try await peer.event("hello")
                try await redis.push(Acme.call("c1"))
                try await peer.event("pop", ref: "c1")
                try await expectOutcome("shown", of: "c1", daemon)
            }
            try await withPeer(daemon, ["auth": ["token": token], "answer": ["outcome": "blocked"]]) { peer in
                try await peer.event("hello")
                try await redis.push(Acme.call("c2"))
                try await peer.event("pop", ref: "c2")
                #expect(try await peer.event("missed", ref: "c2")["reason"] == "blocked")
            }
        }
    }

    @Test("Beside a page, only one of the two gets the pop")
    func besidePages() async throws {
        try await Acme.run { redis, daemon in
            let page = try await daemon.stream(agent: "1007")
            try await page.event("hello")
            let token = try await daemon.token("acme", "1007")
            let focused: [String: Any] = ["auth": ["token": token], "emits": [["state", ["state": "focused"]]]]
            try await withPeer(daemon, focused) { peer in
                try await peer.event("answer")
                try await redis.push(Acme.call("c1"))
                try await peer.event("pop", ref: "c1")
                try await page.event("call", ref: "c1")
                try await expectOutcome("shown", of: "c1", daemon)
                #expect(!page.names.contains("pop"))
            }
            page.close()
        }
    }

    @Test("A supervisor is told what the board is told; who is both, of both")
    func supervisors() async throws {
        try await Acme.run { redis, daemon in
            let supervisor = try await daemon.token("acme", scope: "supervisor")
            let both = try await daemon.token("acme", "1007", scope: "agent supervisor")
            try await withPeer(daemon, ["auth": ["token": supervisor]]) { board in
                try await withPeer(daemon, ["headers": ["Authorization": "Bearer \(both)"]]) { peer in
                    try await board.event("hello")
                    try await peer.event("hello")
                    try await redis.push(Acme.call("c1"))
                    #expect(try await board.event("RealtimeCTI", ref: "c1")["type"] == "SalesCTI")
                    try await peer.event("RealtimeCTI", ref: "c1")
                    try await peer.event("pop", ref: "c1")
                    #expect(peer.events.filter { $0 == "hello" }.count == 1)
                    #expect(!board.events.contains("call"))
                }
            }
        }
    }

    @Test("Who may not is told why", arguments: transports)
    func refusals(transports: [String]) async throws {
        try await Acme.run { _, daemon in
            let token = try await daemon.token("acme", "1007")
            let cases: [([String: Any], String)] = [
                ([:], #"{"data":{"status":401},"message":"An access token is needed."}"#),
                (
                    ["auth": ["token": token + "x"]],
                    #"{"data":{"status":401},"message":"The access token is not valid, or no longer."}"#
                ),
                (
                    ["auth": ["token": token], "namespace": "/umbrella"],
                    #"{"data":{"status":403},"message":"The token is for another tenant."}"#
                ),
            ]
            for (options, answer) in cases {
                try await withPeer(daemon, options.merging(["transports": transports]) { $1 }) { peer async throws in
                    #expect(try await peer.event("connect_error").arguments == [answer])
                }
            }
        }
    }

    @Test("What was missed is told after coming back, in order and once", arguments: transports)
    func resuming(transports: [String]) async throws {
        try await Acme.run { redis, daemon in
            let token = try await daemon.token("acme", "1007", scope: "agent supervisor")
            var seen: String?
            try await withPeer(daemon, ["auth": ["token": token, "recover": true], "transports": transports]) { peer in
                try await peer.event("hello")
                try await redis.push(Acme.call("c1"))
                // The position stands behind the data.
                let arguments = try await peer.event("call", ref: "c1").arguments
                #expect(arguments.count == 2)
                seen = arguments.last.map { $0.replacingOccurrences(of: "\"", with: "") }
                try await peer.event("pop", ref: "c1")
                try await expectOutcome("shown", of: "c1", daemon)
            }
            for number in 2...40 { try await redis.push(Acme.call("c\(number)")) }
            try await eventually("the calls to be handled") {
                try await daemon.calls().contains(#""c40""#)
            }
            let back: [String: Any] = [
                "auth": ["token": token, "lastEventId": seen ?? "", "recover": true], "transports": transports,
            ]
            try await withPeer(daemon, back) { peer in
                #expect(try await peer.event("hello")["recovered"] == "1")
                try await peer.event("call", ref: "c40")
                try await peer.event("RealtimeCTI", ref: "c40")
                let calls = peer.happenings.filter { $0.event == "call" }.compactMap { $0["call.ref"] }
                #expect(calls == (2...40).map { "c\($0)" })
                let positions = peer.happenings.compactMap { $0.event == "connect" ? nil : $0.arguments.last }
                    .compactMap { Int($0.replacingOccurrences(of: "\"", with: "")) }
                // Pops are not told again; of one position there may be more than one event.
                #expect(positions == positions.sorted())
            }
            try await withPeer(daemon, ["auth": ["token": token, "lastEventId": "7"]]) { peer async throws in
                #expect(try await peer.event("hello")["recovered"] == "0")
            }
        }
    }

    @Test("A vendor's words are spoken, too")
    func dialects() async throws {
        try await Acme.run { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            try await withPeer(daemon, ["auth": ["token": token, "dialect": "xcally"]]) { peer in
                try await peer.event("hello")
                try await redis.push(Acme.call("c1"))
                #expect(try await peer.event("call", ref: "c1")["uniqueid"] == "c1")
                // All but calls stay ours.
                #expect(try await peer.event("pop", ref: "c1")["call.ref"] == "c1")
            }
        }
    }

    @Test("One that gives way to a newer session is disconnected, and stays away")
    func givingWay() async throws {
        try await Acme.run(daemon: "limits: { sessions_per_agent: 1 }") { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            try await withPeer(daemon, ["auth": ["token": token], "reconnect": true]) { first in
                try await first.event("hello")
                try await withPeer(daemon, ["auth": ["token": token], "reconnect": true]) { second in
                    try await second.event("hello")
                    #expect(try await first.event("disconnect").arguments == ["\"server disconnect\""])
                    try await redis.push(Acme.call("c1"))
                    try await second.event("pop", ref: "c1")
                    #expect(first.events.filter { $0 == "hello" }.count == 1)
                    #expect(!second.events.contains("disconnect"))
                }
            }
        }
    }

    @Test("The daemon stops at once, and clients come back to the next one by themselves", arguments: transports)
    func promptlyStops(transports: [String]) async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try FreePort.any()
        try DaemonUnderTest.configure(
            ["acme": Acme.tenant(redis)], listen: "127.0.0.1:\(port)", in: folder)
        let first = try await DaemonUnderTest(folder: folder)
        let token = try await first.token("acme", "1007")
        let options: [String: Any] = [
            "auth": ["token": token, "recover": true], "transports": transports, "reconnect": true,
        ]
        try await withPeer(first, options) { peer in
            try await peer.event("hello")
            let (outcome, took) = await first.stop()
            #expect(outcome.status == 0)
            #expect(took < .seconds(3))
            try await peer.event("disconnect")
            let second = try await DaemonUnderTest(folder: folder)
            try await eventually("the client to come back", within: .seconds(20)) {
                peer.events.filter { $0 == "hello" }.count == 2
            }
            _ = await second.stop(SIGKILL)
        }
        await redis.stop()
    }
}
