import CTICore
import CTIHub
import CTIPipeline
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HealthTests {
    @Test func aliveIsAlways() async throws {
        try await RunningHub.run(FakeGateway(.acme, state: Readiness(state: .failed, since: .start))) {
            hub async throws in
            #expect(try await hub.request(.GET, "/healthz").status == 200)
        }
    }

    @Test(arguments: [
        (Readiness.State.ready, TenantRegistry.Phase.serving, 200), (.degraded, .serving, 200),
        (.failed, .serving, 503), (.starting, .serving, 503), (.ready, .starting, 503), (.ready, .stopping, 503),
    ])
    func readyNeedsTheDaemonAndATenant(
        state: Readiness.State, phase: TenantRegistry.Phase, status: Int
    ) async throws {
        let gateway = FakeGateway(
            .acme, state: Readiness(state: state, reason: "why", since: .start, secondsSinceAnswer: 2.46))
        try await RunningHub.run(gateway) { hub async throws in
            hub.hub.tenants.enter(phase)
            let answer = try await hub.request(.GET, "/readyz")
            #expect(answer.status == status)
            #expect(
                answer.body
                    == #"{"tenants":{"acme":{"state":"\#(state)","reason":"why","since":"2026-11-21T10:00:00.000Z","#
                    + #""secondsSinceAnswer":2.5}}}"#)
        }
    }

    @Test func brokenFilesAreShownAndDoNotStopTheOthers() async throws {
        let broken = try #require(TenantID("broken"))
        let failed = Readiness(state: .failed, reason: "line 3", since: .start)
        try await RunningHub.run { hub async throws in
            hub.hub.tenants.setProblem(failed, of: broken)
            hub.hub.tenants.setProblem(failed, of: .acme)
            let answer = try await hub.request(.GET, "/readyz")
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""acme":{"state":"degraded","reason":"line 3""#))
            #expect(answer.body.contains(#""broken":{"state":"failed","reason":"line 3""#))
            hub.hub.tenants.remove(.acme)
            #expect(try await hub.request(.GET, "/readyz").status == 503)
        }
    }
}
