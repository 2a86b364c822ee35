import Foundation
import Testing

/// The built binary, a real Redis, real HTTP: what the PBX pushes is on the right streams, and on no other.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct DeliveryTests {
    @Test(
        "a call of either generation, and of either notation, is on the agent's and the realtime stream within a second"
    )
    func promptlyBothGenerations() async throws {
        try await Acme.run { redis, daemon in
            let agent = try await daemon.stream(agent: "1007")
            let board = try await daemon.realtime()
            let pushes = [
                ("c-v3", Acme.call("c-v3")), ("c-pre", Acme.call("c-pre", preV3: true)),
                ("c-relaxed", Acme.relaxedCall("c-relaxed")),
            ]
            for (ref, notification) in pushes {
                try await redis.push(notification)
                let call = try await agent.event("call", ref: ref, within: .seconds(1))
                #expect(call["call.callerE164"] == "+27821234567")
                #expect(call["call.queue"] == "Sales")
                #expect(call["agent.name"] == "John Doe")
                try await agent.event("pop", ref: ref, within: .seconds(1))
                let realtime = try await board.event("RealtimeCTI", ref: ref, within: .seconds(1))
                #expect(realtime["type"] == "SalesCTI")
                #expect(realtime["channel.agentnum"] == "1007")
                #expect(realtime["channel.event"] == "up")
            }
            #expect(zip(agent.events, agent.events.dropFirst()).allSatisfy { $0.id < $1.id })
        }
    }

    @Test("no other agent and no other tenant sees it")
    func nobodyElse() async throws {
        let redis = try await RedisServer()
        let other = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis), "bravo": Acme.tenant(other)], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let (own, colleague) = (try await daemon.stream(agent: "1007"), try await daemon.stream(agent: "1008"))
        let (stranger, board) = (
            try await daemon.stream(agent: "1007", tenant: "bravo"), try await daemon.realtime(tenant: "bravo")
        )
        try await redis.push(Acme.call("secret"))
        try await own.event("pop", ref: "secret")
        // What comes later to the others shows that what came before did not.
        try await redis.push(Acme.call("theirs", agent: "1008"))
        try await other.push(Acme.call("elsewhere"))
        try await colleague.event("pop", ref: "theirs")
        try await stranger.event("pop", ref: "elsewhere")
        try await board.event("RealtimeCTI", ref: "elsewhere")
        for stream in [colleague, stranger, board] { #expect(!stream.events.contains { $0.data.contains("secret") }) }
        let token = try await daemon.token("acme", "1007")
        #expect(try await daemon.get("/v1/bravo/agents/1007/events", token: token).status == 403)
        #expect(try await daemon.get("/v1/acme/agents/1008/events", token: token).status == 403)
        #expect(try await daemon.get("/v1/acme/realtime", token: token).status == 403)
        #expect(try await daemon.get("/v1/acme/agents/1007/events").status == 401)
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        await other.stop()
    }

    @Test("a stream resumes where it broke off, also after a restart; an unknown place is told")
    func resume() async throws {
        try await Acme.run { redis, daemon in
            let first = try await daemon.stream(agent: "1007")
            try await redis.push(Acme.call("c1"))
            let seen = try await first.event("call", ref: "c1")
            first.close()
            try await redis.push(Acme.call("c2"))
            try await eventually("c2 to be recorded") {
                try await daemon.get("/v1/acme/calls", token: daemon.token("acme", scope: "supervisor")).body
                    .contains(#""c2""#)
            }
            let (outcome, _) = await daemon.stop()
            #expect(outcome.status == 0)
            let again = try await DaemonUnderTest(folder: daemon.folder)
            let second = try await again.stream(agent: "1007", after: String(seen.id))
            #expect(try await second.event("hello")["recovered"] == "1")
            try await second.event("call", ref: "c2")
            #expect(second.events.filter { $0.name == "call" }.count == 1)
            #expect(zip(second.events, second.events.dropFirst()).allSatisfy { $0.id < $1.id })
            let third = try await again.stream(agent: "1007", after: "12345")
            #expect(try await third.event("hello")["recovered"] == "0")
            _ = await again.stop(SIGKILL)
        }
    }

    @Test("one session gets the pop, the focused one; handled in one place, it is cleared in all")
    func onePop() async throws {
        try await Acme.run { redis, daemon in
            let (first, second) = (try await daemon.stream(agent: "1007"), try await daemon.stream(agent: "1007"))
            let session = try #require(try await first.event("hello")["session"])
            let token = try await daemon.token("acme", "1007")
            let state = try await daemon.post(
                "/v1/acme/agents/1007/sessions/\(session)", #"{"state":"focused"}"#, token: token)
            #expect(state.status < 300)
            try await redis.push(Acme.call("c1"))
            let pop = try await first.event("pop", ref: "c1")
            let id = try #require(pop["id"])
            let ack = try await daemon.post(
                "/v1/acme/agents/1007/acks", #"{"id":"\#(id)","outcome":"handled"}"#, token: token)
            #expect(ack.status < 300)
            for stream in [first, second] {
                let clear = try await stream.event("clear", ref: "c1")
                #expect(clear["reason"] == "handled")
            }
            #expect(!second.names.contains("pop"))
            let unknown = try await daemon.post(
                "/v1/acme/agents/1007/acks", #"{"id":"nope","outcome":"handled"}"#, token: token)
            #expect(unknown.status == 404)
        }
    }

    @Test("an agent without the right sees the last two digits, the supervisor all of them")
    func masked() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = Acme.tenant(redis, more: "agent_page: { mask_numbers: true }")
        try DaemonUnderTest.configure(["acme": file], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let (agent, board) = (try await daemon.stream(agent: "1007"), try await daemon.realtime())
        try await redis.push(Acme.call("c1"))
        let call = try await agent.event("call", ref: "c1")
        #expect(call["call.caller"] == "********67")
        try await agent.event("pop", ref: "c1")
        #expect(!agent.events.contains { $0.data.contains("821234567") })
        #expect(try await board.event("RealtimeCTI", ref: "c1")["channel.callernum"] == "0821234567")
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
    }

    @Test("a call for an agent who is not there is missed, and told at the next log-in")
    func offline() async throws {
        try await Acme.run { redis, daemon in
            // The list was seen empty before: the call is no backlog.
            try await redis.push(Acme.call("c1"))
            try await eventually("the call to be taken") { try await redis.length() == 0 }
            let stream = try await daemon.stream(agent: "1007")
            let missed = try await stream.event("missed", ref: "c1")
            #expect(missed["reason"] == "offline")
            #expect(!stream.names.contains("pop"))
        }
    }

    @Test("SIGTERM during a blocked wait ends the daemon at once, and its streams with a retry hint")
    func promptlyStops() async throws {
        try await Acme.run { _, daemon in
            let stream = try await daemon.stream(agent: "1007")
            let (outcome, took) = await daemon.stop()
            #expect(outcome.status == 0)
            #expect(took < .milliseconds(1500), "a wait of two seconds was not broken off: \(took)")
            try await eventually("the stream's end") { stream.hasEnded }
        }
    }

    @Test("killed at any moment, at-least-once loses no call and records none twice")
    func killed() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis, delivery: "at-least-once")], in: folder)
        var pushed = 0
        for _ in 0..<5 {
            let daemon = try await DaemonUnderTest(folder: folder)
            for _ in 0..<Int.random(in: 20...60) {
                try await redis.push(Acme.call("k-\(pushed)"))
                pushed += 1
            }
            _ = await daemon.stop(SIGKILL)
        }
        let daemon = try await DaemonUnderTest(folder: folder)
        try await eventually("the list to be empty") { try await redis.length() == 0 }
        let token = try await daemon.token("acme", scope: "supervisor")
        let calls = try await daemon.get("/v1/acme/calls?limit=1000", token: token).body
        for index in 0..<pushed {
            #expect(calls.components(separatedBy: "\"ref\":\"k-\(index)\"").count == 2, "call \(index)")
        }
        let first = try await daemon.get("/v1/acme/calls/k-0", token: token).body
        #expect(first.components(separatedBy: "\"event\":\"up\"").count >= 2)
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
    }

    @Test("bad input: kept as a dead letter, and the next call pops")
    func badInput() async throws {
        try await Acme.run { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for bad in BadInput.all { try await redis.push(bad.bytes) }
            try await redis.push(Acme.call("good"))
            try await stream.event("pop", ref: "good")
            #expect(stream.events.filter { $0.name == "call" }.count == 1)
        }
    }

    @Test("`decode` names what is wrong", arguments: BadInput.all)
    func decode(_ bad: BadInput) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(bad.bytes).write(to: URL(fileURLWithPath: "\(folder)/payload"))
        let outcome = try await Child.run("decode", "\(folder)/payload")
        #expect(outcome.status == 1)
        #expect(outcome.output.hasPrefix(#"{"ok":false,"error":{"code":"\#(bad.code)""#), "\(bad.name)")
    }
}

struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    let code: String
    let bytes: [UInt8]

    init(_ name: String, _ code: String, _ text: String) {
        self.init(name, code, Array(text.utf8))
    }

    init(_ name: String, _ code: String, _ bytes: [UInt8]) {
        self.name = name
        self.code = code
        self.bytes = bytes
    }

    var testDescription: String { name }

    static let all: [BadInput] = [
        BadInput("not JSON", "not-json", "BLPOP"),
        BadInput("empty", "not-json", ""),
        BadInput("not an object", "not-an-object", "[1]"),
        BadInput("an unknown type", "unknown-type", #"{"type":"cdr","payload":{}}"#),
        BadInput("no type", "missing-field", #"{"payload":{}}"#),
        BadInput("no call_ref", "missing-field", #"{"type":"call","payload":{"number":"1","ref":"1007"}}"#),
        BadInput(
            "a hold_time below zero", "wrong-type",
            #"{"type":"call","payload":{"number":"1","ref":"1007","call_ref":"x","hold_time":-1}}"#),
        BadInput("not UTF-8", "not-utf8", Array(#"{"type":"call","x":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)),
        BadInput("1 MB of brackets", "too-large", [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)),
        BadInput(
            "10,000 levels", "not-an-object",
            [UInt8](repeating: UInt8(ascii: "["), count: 10_000) + [UInt8](repeating: UInt8(ascii: "]"), count: 10_000)),
        BadInput("10,000 levels, open", "not-json", [UInt8](repeating: UInt8(ascii: "["), count: 10_000)),
        BadInput(
            "a lone surrogate", "wrong-type",
            #"{"type":"call","payload":{"number":"\ud800","ref":"1007","call_ref":"x"}}"#),
        BadInput("NUL bytes", "not-json", [0, 0, 0]),
        BadInput(
            "duplicate keys, the last is null", "missing-field",
            #"{"type":"call","payload":{"number":"1","ref":"1007","call_ref":"x","call_ref":null}}"#),
    ]
}
