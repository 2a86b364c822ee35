import CTICore
import CTIHub
import CTIPipeline
import NIOHTTP1
import Testing

/// A softphone's events, as the agent's page posts them.
@Suite(.timeLimit(.minutes(1)))
struct PhoneEventTests {
    private static let path = "/v1/acme/agents/1001/phone"

    private func ringing(_ context: String) -> String {
        #"{"type":"phone:ringing","data":{\#(context)"id":"p1","date":"2026-11-21T10:00:00.000Z","#
            + #""from":"+34917370192","to":"+34917370191","direction":"inbound","status":"ringing","#
            + #""duration":0,"wait":0,"total":0}}"#
    }

    /// An agent's token is for its own extension, whatever the softphone takes itself for.
    @Test(arguments: [#""context":{"extension":"200"},"#, #""context":{},"#, ""])
    func theExtensionIsThatOfTheAddress(context: String) async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        let body = ringing(context)
        try await RunningHub.run(gateway) { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: body)
            #expect(answer.status == 202)
            #expect(answer.body == #"{"callRef":"p1","event":"ringing","extension":"1001"}"#)
            let posted = try #require(await gateway.posted.first)
            #expect(posted.account.agent == Agent(extension: Extension("1001")))
            #expect(posted.account.call.caller == "+34917370192")
            #expect((posted.dialect, posted.feed) == (.kunzite, .phone))
            #expect(posted.raw == Array(body.utf8))
        }
    }

    @Test(arguments: [
        (#"{"type":"logged","data":{}}"#, 422, "unknown-type"), (#"{"data":{}}"#, 422, "missing-field"),
        (#"{"type":7}"#, 422, "unknown-type"), (#"{"type":"phone:sneezing","data":{}}"#, 422, "unknown-type"),
        ("{", 400, "not-json"), ("[]", 400, "not-an-object"),
    ])
    func otherMessagesAreRefused(body: String, status: Int, code: String) async throws {
        let gateway = FakeGateway(.acme)
        let token = try await token()
        try await RunningHub.run(gateway) { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: body)
            #expect(answer.status == status)
            #expect(answer.body.contains(#""code":"\#(code)""#))
            #expect(await gateway.posted.isEmpty)
        }
    }

    @Test func anotherAgentsTokenWillNotDo() async throws {
        let token = try await token(TestClaims(sub: "1002"))
        try await RunningHub.run { hub async throws in
            #expect(try await hub.request(.POST, Self.path, token: token, body: ringing("")).status == 403)
        }
    }

    /// A PBX's references can be guessed. Once the PBX names the agent, the call is its own, too; and calls that
    /// softphones told of ring at several, each known by an id which only those can know.
    @Test(
        arguments: [
            (["1002"], "", false), (["1002", "1003"], "", false), (["1002", "1001"], "", true), ([nil], "", true),
            (["1002"], #"{"feed":"ingest","dialect":"xcally"}"#, false),
            (["1002"], #"{"feed":"phone","dialect":"kunzite"}"#, true),
        ] as [([String?], String, Bool)])
    func anothersCallIsOutOfReach(agents: [String?], trace: String, isAllowed: Bool) async throws {
        let gateway = FakeGateway(.acme)
        let log = FakeLog(
            agents.map {
                LogEntry(
                    kind: .call, agent: $0.map { Extension($0) }, ref: CallRef("p1"), at: .start, data: [],
                    trace: trace.isEmpty ? nil : Array(trace.utf8))
            })
        let token = try await token()
        try await RunningHub.run(gateway, log: log) { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: ringing(""))
            #expect(answer.status == (isAllowed ? 202 : 403))
            #expect(await gateway.posted.count == (isAllowed ? 1 : 0))
        }
    }
}
