import CTICore
import Foundation
import NIOHTTP1
import Testing

@testable import CTIHub

@Suite(.timeLimit(.minutes(1)))
struct DialTests {
    private static let path = "/v1/acme/agents/1001/dial"
    private static let number = "0821234567"

    @Test func whatIsDialledReachesThePBX() async throws {
        let dialler = FakeDialler()
        let token = try await token()
        try await RunningHub.run(dialler: dialler) { hub async throws in
            let answer = try await hub.request(
                .POST, Self.path, token: token, body: #"{"number":"0821234567","contactRef":"A-17"}"#)
            #expect(answer.status == 202)
            #expect(await dialler.dials == [.init(number: Self.number, contactRef: "A-17", agent: "1001")])
        }
    }

    @Test(arguments: [
        (DialFailure.refused("the number is too short"), 422, "the number is too short"),
        (.answered(500), 502, "The PBX answered with HTTP status 500."),
        (.answered(302), 502, "The PBX answered with HTTP status 302."),
        (.unreachable, 502, "The PBX cannot be reached."), (.timedOut, 504, "The PBX did not answer in time."),
    ])
    func whatGoesWrongIsTold(failure: DialFailure, status: Int, detail: String) async throws {
        let token = try await token()
        let lines = LogLines()
        try await RunningHub.run(dialler: FakeDialler(failure: failure), logger: lines.logger) { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: #"{"number":"0821234567"}"#)
            #expect(answer.status == status)
            #expect(answer.headers["Content-Type"] == ["application/problem+json"])
            #expect(answer.body.contains(#""detail":"\#(detail)""#))
        }
        #expect(lines.all.contains { $0.contains(Self.path) })
        #expect(lines.all.allSatisfy { !$0.contains(Self.number) })
    }

    @Test(arguments: [("{}", 422), (#"{"number":7}"#, 422), ("[]", 400), ("", 400)])
    func bodiesAreJudged(body: String, status: Int) async throws {
        let dialler = FakeDialler()
        let token = try await token()
        try await RunningHub.run(dialler: dialler) { hub async throws in
            #expect(try await hub.request(.POST, Self.path, token: token, body: body).status == status)
            #expect(await dialler.dials.isEmpty)
        }
    }

    @Test func withoutAPBXThereIsNothingToDialWith() async throws {
        let token = try await token()
        try await RunningHub.run { hub async throws in
            let answer = try await hub.request(.POST, Self.path, token: token, body: #"{"number":"0821234567"}"#)
            #expect(answer.status == 404)
            #expect(answer.body.contains("not configured"))
        }
    }

    @Test func onlyTheAgentItselfDials() async throws {
        let another = try await token(TestClaims(sub: "1002"))
        let ingest = try await token(TestClaims(scope: "ingest"))
        let dialler = FakeDialler()
        try await RunningHub.run(dialler: dialler) { hub async throws in
            for token in [another, ingest] {
                let answer = try await hub.request(.POST, Self.path, token: token, body: #"{"number":"0821234567"}"#)
                #expect(answer.status == 403)
            }
            #expect(await dialler.dials.isEmpty)
        }
    }

    @Test func aDoubleClickRingsOnce() async throws {
        let dialler = FakeDialler()
        let clock = SettableClock()
        let (jane, john) = (try await token(), try await token(TestClaims(sub: "1002")))
        try await RunningHub.run(dialler: dialler, now: clock.read) { hub async throws in
            let body = #"{"number":"0821234567"}"#
            #expect(try await hub.request(.POST, Self.path, token: jane, body: body).status == 202)
            let second = try await hub.request(.POST, Self.path, token: jane, body: body)
            #expect(second.status == 429)
            #expect(second.headers["Retry-After"] == ["1"])
            #expect(try await hub.request(.POST, "/v1/acme/agents/1002/dial", token: john, body: body).status == 202)
            clock.now = Timestamp(milliseconds: Timestamp.start.milliseconds + 1000)
            #expect(try await hub.request(.POST, Self.path, token: jane, body: body).status == 202)
            #expect(await dialler.dials.map(\.agent) == ["1001", "1002", "1001"])
        }
    }

    @Test func oneDialAtATime() {
        let gate = DialGate()
        let telephone = DialGate.Telephone(tenant: .acme, agent: Extension("1001"))
        let later = Timestamp(milliseconds: Timestamp.start.milliseconds + 5000)
        #expect(gate.enter(telephone, at: .start))
        #expect(!gate.enter(telephone, at: later))
        gate.leave(telephone)
        #expect(gate.enter(telephone, at: later))
        gate.leave(telephone)
        #expect(gate.enter(telephone, at: .start), "a clock that was set back locks nobody out")
    }
}
