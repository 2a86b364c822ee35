import Foundation
import Testing

/// Click to dial against a PBX that answers over HTTP, by the built daemon.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct DialTests {
    private static let path = "/v1/acme/agents/1007/dial"

    private func withPBX(
        _ reply: PageServer.Reply, generation: String = "v3",
        _ body: @Sendable (PageServer, DaemonUnderTest, String) async throws -> Void
    ) async throws {
        let pbx = try PageServer(["/click2dial/calls": reply, "/elsewhere": .init()])
        defer { pbx.stop() }
        let more =
            "click2dial: { url: \"\(pbx.origin)/click2dial/calls\", outbound_id: \"27117654321\", "
            + "generation: \(generation) }"
        try await Acme.run(daemon: "log: { level: debug }", more: more) { _, daemon in
            try await body(pbx, daemon, daemon.token("acme", "1007"))
        }
    }

    @Test(
        "what is dialled goes to the PBX in its own words", arguments: [("v3", "contact_ref"), ("pre-v3", "call_ref")])
    func dials(generation: String, referenceName: String) async throws {
        try await withPBX(.init(status: 201), generation: generation) { pbx, daemon, token in
            let body = #"{"number":"0821234567","contactRef":"A-17"}"#
            let answer = try await daemon.post(Self.path, body, token: token)
            #expect(answer.status == 202)
            let request = try #require(pbx.requests.first)
            #expect(pbx.requests.count == 1)
            #expect(request.method == "POST")
            #expect(request["agent"] == "1007")
            #expect(request["callee"] == "0821234567")
            #expect(request["outbound_id"] == "27117654321")
            #expect(request[referenceName] == "A-17")
            #expect(!daemon.log.contains("0821234567"))
        }
    }

    @Test("a PBX that refuses, and one that sends elsewhere, are 502", arguments: [500, 401, 307])
    func refused(status: Int) async throws {
        let reply = PageServer.Reply(status: status, headers: ["Location": "/elsewhere"])
        try await withPBX(reply) { pbx, daemon, token in
            let answer = try await daemon.post(Self.path, #"{"number":"0821234567"}"#, token: token)
            #expect(answer.status == 502)
            #expect(answer.body.contains("\(status)"))
            #expect(pbx.requests.map(\.path) == ["/click2dial/calls"])
            #expect(!daemon.log.contains("0821234567"))
            try await daemon.says("A click to dial failed")
        }
    }

    @Test("a PBX that is not there is 502")
    func unreachable() async throws {
        try await withPBX(.init()) { pbx, daemon, token in
            pbx.stop()
            let answer = try await daemon.post(Self.path, #"{"number":"0821234567"}"#, token: token)
            #expect(answer.status == 502)
            #expect(answer.body.contains("cannot be reached"))
        }
    }

    @Test("a PBX that says nothing is 504, after 5 s")
    func promptlySaysThatThePBXIsSilent() async throws {
        try await withPBX(.init(isSilent: true)) { _, daemon, token in
            let start = ContinuousClock.now
            let answer = try await daemon.post(Self.path, #"{"number":"0821234567"}"#, token: token)
            #expect(answer.status == 504)
            #expect((.seconds(4.9) ... .seconds(8)).contains(ContinuousClock.now - start))
        }
    }

    @Test("a number that the PBX's rules refuse is 422, and the PBX is not asked")
    func ruled() async throws {
        try await withPBX(.init()) { pbx, daemon, token in
            let answer = try await daemon.post(Self.path, #"{"number":"call me"}"#, token: token)
            #expect(answer.status == 422)
            #expect(!answer.body.contains("call me"))
            #expect(pbx.requests.isEmpty)
        }
    }
}
