import CTICore
import Foundation
import Testing

/// One call from its first notification to its end, against the built binary: on every stream, in every dialect.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct WholeCallTests {
    private static let vendors: [Dialect] = [.teleforge, .xcally, .kunzite, .enreach]

    private static func run(
        delivery: String = "at-most-once", _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        try await Acme.run(body) { redis in
            """
            redis: { url: "unix://\(redis.socket)?db=0", delivery: \(delivery), keys: { cdr: \(Acme.records) } }
            queues: { "0117654321": Sales }
            agents:
              - { extension: "1007", name: John Doe, peer: SIP/john.doe, crm_user: "0050" }
              - { extension: "1008", name: Jane Roe }
            rules:
              - name: Record
                on: [ringing, up]
                do: [ open: { url: "https://crm.example/{caller}", mode: new_frame } ]
              - name: Board
                on: [calling, ringing, up, hangup, abandon]
                do: [ realtime: { app: SalesCTI, reference: "42", url: "https://crm.example" } ]
            """
        }
    }

    @Test(
        "up from the inbound list, hangup from the list of records: on every stream, with the right times",
        arguments: ["at-most-once", "at-least-once"])
    func listToRecord(delivery: String) async throws {
        try await Self.run(delivery: delivery) { redis, daemon in
            let agent = try await daemon.stream(agent: "1007")
            let board = try await daemon.realtime()
            var streams: [Dialect: EventStreamClient] = [:]
            for dialect in Self.vendors {
                streams[dialect] = try await daemon.stream(agent: "1007", dialect: dialect.rawValue)
            }
            try await redis.push(Acme.call("c1"))
            let up = try await agent.event("call", ref: "c1")
            let upAt = try #require(up["call.upAt"].flatMap(Timestamp.init(iso8601:)))
            let answered = ContinuousClock.now
            try await eventually("a second of talk") { .now - answered > .milliseconds(1100) }
            try await redis.push(Acme.record("c1", talk: 1), to: Acme.records)
            try await eventually("the end") { agent.names.filter { $0 == "call" }.count == 2 }
            let end = try #require(agent.events.last { $0.name == "call" })
            #expect(end["event"] == "hangup" && end["call.caller"] == "0821234567" && end["agent.name"] == "John Doe")
            let endedAt = try #require(end["call.endedAt"].flatMap(Timestamp.init(iso8601:)))
            #expect(end["call.upAt"] == upAt.description && endedAt.since(upAt) == .seconds(1))
            try await agent.event("clear", ref: "c1")
            try await Self.expectRealtime(board)
            for dialect in Self.vendors {
                let stream = try #require(streams[dialect])
                try await eventually("the end in \(dialect)") { stream.names.filter { $0 == "call" }.count == 2 }
                let calls = stream.events.filter { $0.name == "call" }
                Self.expect(calls[0], calls[1], in: dialect)
                #expect(stream.names.filter { $0 == "pop" }.count + agent.names.filter { $0 == "pop" }.count <= 2)
            }
        }
    }

    private static func expectRealtime(_ board: EventStreamClient) async throws {
        try await eventually("both on the board") { board.names.filter { $0 == "RealtimeCTI" }.count == 2 }
        let channels = board.events.filter { $0.name == "RealtimeCTI" }
        #expect(channels.map { $0["channel.event"] } == ["up", "hangup"])
        #expect(channels[1]["channel.talktime"] == "1" && channels[1]["channel.holdtime"] == "12")
        #expect(channels[1]["channel.reason"] == "agent" && channels[1]["channel.queue"] == "Sales")
    }

    private static func expect(_ up: EventStreamClient.Event, _ end: EventStreamClient.Event, in dialect: Dialect) {
        switch dialect {
        case .ctid: Issue.record("not a vendor's")
        case .teleforge:
            #expect(up["type"] == "call" && up["payload.call_ref"] == "c1" && up["payload.hold_time"] == "12")
            #expect(end["type"] == "cdr" && end["payload.call_time"] == "1" && end["payload.hold_time"] == "12")
            #expect(end["payload.end_reason"] == "agent_hungup" && end["payload.end_code"] == "16")
        case .xcally:
            #expect(up["event"] == "up" && up["up"] == "1" && up["holdtime"] == "12" && up["ringtime"] == "0")
            #expect(end["event"] == "hangup" && end["talktime"] == "1" && end["reason"] == "agent")
            #expect(end["peer"] == "SIP/john.doe" && end["uniqueid"] == "c1" && end["extension"] == "0117654321")
        case .kunzite:
            #expect(up["type"] == "phone:accepted" && up["data.status"] == "answered" && up["data.wait"] == "12")
            #expect(end["type"] == "phone:terminated" && end["data.status"] == "answered")
            #expect(end["data.wait"] == "12" && end["data.duration"] == "1" && end["data.total"] == "13")
            #expect(end["data.from"] == "0821234567" && end["data.date"] == up["data.date"])
        case .enreach:
            #expect(up["eventId"] == "call-answered" && up["callStarted"] == "1" && up["direction"] == "0")
            #expect(end["eventId"] == "call-ended" && end["callInProgress"] == "0" && end["crmUserId"] == "0050")
        }
    }

    @Test("a vendor's stream that comes back is sent what it missed in the vendor's words, and resumes in another's")
    func resumed() async throws {
        try await Self.run { redis, daemon in
            let first = try await daemon.stream(agent: "1007", dialect: "xcally")
            let hello = try await first.event("hello")
            first.close()
            try await redis.push(Acme.call("c1"))
            // Of the two lists, either may be read first.
            try await eventually("the call to be recorded") { try await daemon.calls().contains(#""c1""#) }
            try await redis.push(Acme.record("c1", talk: 95), to: Acme.records)
            for (dialect, word) in [("xcally", #""talktime":"95""#), ("kunzite", #""duration":95"#)] {
                let stream = try await daemon.stream(agent: "1007", after: "\(hello.id)", dialect: dialect)
                try await eventually("both in \(dialect)") { stream.names.filter { $0 == "call" }.count == 2 }
                #expect(stream.events.filter { $0.name == "call" }.last?.data.contains(word) == true)
            }
        }
    }

    @Test("a transferred call pops at the second agent with the first caller's number, and ends there")
    func transferred() async throws {
        try await Self.run { redis, daemon in
            let (first, second) = (try await daemon.stream(agent: "1007"), try await daemon.stream(agent: "1008"))
            try await redis.push(Acme.call("c1"))
            try await first.event("pop", ref: "c1")
            let passedOn = Acme.call("c1", agent: "1008").replacingOccurrences(of: "0821234567", with: "1007")
            try await redis.push(passedOn)
            let clear = try await first.event("clear", ref: "c1")
            #expect(clear["reason"] == "transferred")
            let pop = try await second.event("pop", ref: "c1")
            #expect(pop.data.contains("https://crm.example/0821234567"))
            try await redis.push(Acme.record("c1", talk: 1), to: Acme.records)
            let end = try await second.event("clear", ref: "c1")
            #expect(end["reason"] == "ended")
        }
    }

    @Test("a softphone that rings and is never answered: abandon, missed, and the record is not opened any more")
    func neverAnswered() async throws {
        try await Self.run { _, daemon in
            let agent = try await daemon.stream(agent: "1007")
            let board = try await daemon.realtime()
            let token = try await daemon.token("acme", "1007")
            for (type, status, wait) in [("phone:ringing", "ringing", 0), ("phone:terminated", "missed", 9)] {
                let answer = try await daemon.post(
                    "/v1/acme/agents/1007/phone",
                    """
                    {"type":"\(type)","data":{"context":{"status":"online","extension":"200"},"id":"k1",\
                    "date":"2023-05-21T15:10:19.342Z","from":"+27821234567","to":"+27117654321",\
                    "direction":"inbound","status":"\(status)","duration":0,"wait":\(wait),"total":\(wait),"team":"Dev"}}
                    """, token: token)
                #expect(answer.status == 202, "\(answer.body)")
            }
            let missed = try await agent.event("missed", ref: "k1")
            #expect(agent.names == ["hello", "call", "pop", "call", "clear", "missed"])
            #expect(missed["event"] == "abandon" && missed["reason"] == "unanswered")
            try await eventually("both on the board") { board.names.filter { $0 == "RealtimeCTI" }.count == 2 }
            let abandon = try #require(board.events.last)
            #expect(abandon["channel.event"] == "abandon" && abandon["channel.unmanaged"] == "1")
            let calls = try await daemon.get(
                "/v1/acme/calls", token: try await daemon.token("acme", scope: "supervisor"))
            #expect(calls.body.contains(#""outcome":"missed""#) && calls.body.contains("unanswered"))
            let explained = try await Child(
                Child.ctid, ["explain", "--config", daemon.folder, "--tenant", "acme", "k1"]
            ).ended()
            #expect(explained.output.contains("softphone") && explained.output.contains("nobody"))
        }
    }
}
