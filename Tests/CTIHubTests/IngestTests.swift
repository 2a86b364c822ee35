import CTICore
import CTIHub
import CTIPipeline
import Foundation
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(1)))
struct IngestTests {
    private static let path = "/v1/acme/events"
    private static let up =
        #"{"event":"up","agent":{"extension":"1007"},"call":{"ref":"c1","caller":"0821234567"}}"#

    private func ingestToken() async throws -> String { try await token(TestClaims(sub: nil, scope: "ingest")) }

    @Test(arguments: ["", "?dialect=ctid"])
    func anEventReachesTheTenantWithItsBytes(query: String) async throws {
        let gateway = FakeGateway(.acme)
        let token = try await ingestToken()
        try await RunningHub.run(gateway) { hub async throws in
            for _ in 1...2 {
                let answer = try await hub.request(.POST, Self.path + query, token: token, body: Self.up)
                #expect(answer.status == 202)
                #expect(answer.headers["Content-Type"] == ["application/json"])
                #expect(answer.body == #"{"callRef":"c1","event":"up","extension":"1007"}"#)
            }
            let account = try Dialect.ctid.decode(Array(Self.up.utf8))
            let posted = PostedEvent(account, dialect: .ctid, feed: .ingest, raw: Array(Self.up.utf8))
            #expect(await gateway.posted == [posted, posted])
        }
    }

    @Test func anAbandonNeedsNoAgent() async throws {
        let token = try await ingestToken()
        try await RunningHub.run { hub async throws in
            let body = #"{"event":"abandon","call":{"ref":"c1","caller":""}}"#
            let answer = try await hub.request(.POST, Self.path, token: token, body: body)
            #expect(answer.body == #"{"callRef":"c1","event":"abandon","extension":null}"#)
        }
    }

    @Test(arguments: [
        ("{", 400, "not-json"), ("", 400, "not-json"), ("[]", 400, "not-an-object"),
        ("{}", 422, "missing-field"), (#"{"event":"sneeze"}"#, 422, "unknown-type"),
        (#"{"event":"up","call":7}"#, 422, "missing-field"),
        (#"{"event":"up","agent":{"extension":"1"},"call":{"ref":"c","caller":{}}}"#, 422, "wrong-type"),
        (#"{event:"up",agent:{extension:"1"},call:{ref:"c",caller:""}}"#, 400, "not-json"),
        (#"{"event":"up","x":"\#(String(repeating: "x", count: 65_536))"}"#, 413, "too-large"),
    ])
    func whatIsWrongIsToldByItsCode(body: String, status: Int, code: String) async throws {
        let gateway = FakeGateway(.acme)
        let token = try await ingestToken()
        try await RunningHub.run(gateway) { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: body)
            #expect(answer.status == status)
            #expect(answer.headers["Content-Type"] == ["application/problem+json"])
            let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
            #expect(object?["code"] as? String == code)
            #expect((object?["detail"] as? String)?.isEmpty == false)
            #expect(await gateway.posted.isEmpty)
        }
    }

    @Test func bytesThatAreNoTextAreRefused() async throws {
        let token = try await ingestToken()
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, bytes: [0x7B, 0xFF, 0x7D])
            #expect(answer.status == 400)
            #expect(answer.body.contains(#""code":"not-utf8""#))
        }
    }

    /// As JSON it would be a 400.
    @Test(arguments: ["message/sip", "Message/SIP; charset=utf-8"])
    func aSIPMessageIsReadAsOne(type: String) async throws {
        let token = try await ingestToken()
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(
                .POST, Self.path, token: token, headers: ["Content-Type": type], body: "OPTIONS sip:1007@pbx SIP/2.0")
            #expect(answer.status == 422)
        }
    }

    @Test func anUnknownDialectIsRefused() async throws {
        let token = try await ingestToken()
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(.POST, Self.path + "?dialect=klingon", token: token, body: Self.up)
            #expect(answer.status == 400)
            #expect(answer.body.contains("ctid, teleforge, xcally, kunzite, enreach"))
        }
    }

    @Test func whatCannotBeRecordedIsToBeSentAgain() async throws {
        let gateway = FakeGateway(.acme, failure: EventLogError(.full, "the disk is full"))
        let token = try await ingestToken()
        try await RunningHub.run(gateway) { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: Self.up)
            #expect(answer.status == 503)
            #expect(answer.headers["Retry-After"] == ["2"])
        }
    }

    @Test(arguments: ["agent", "supervisor", "admin"])
    func noOtherScopeWillDo(scope: String) async throws {
        let token = try await token(TestClaims(scope: scope))
        try await RunningHub.run { hub async throws in
            #expect(try await hub.request(.POST, Self.path, token: token, body: Self.up).status == 403)
            #expect(try await hub.request(.POST, Self.path, body: Self.up).status == 401)
        }
    }
}
