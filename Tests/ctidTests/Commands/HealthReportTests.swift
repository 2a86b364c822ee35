import Testing

@testable import ctid

struct HealthReportTests {
    private func told(_ status: UInt, _ tenants: String) -> HealthReport? {
        HealthReport(HealthQuestion.Answer(status: status, body: Array(#"{"tenants":{\#(tenants)}}"#.utf8)))
    }

    private func tenant(_ name: String, _ state: String, _ reason: String = "null") -> String {
        #""\#(name)":{"state":"\#(state)","reason":\#(reason),"since":"2026-11-21T10:00:00.000Z"}"#
    }

    @Test func `all are ready`() throws {
        let report = try #require(told(200, tenant("acme", "ready") + "," + tenant("beta", "ready")))
        #expect(report.isReady)
        #expect(report.line == "ready: 2 of 2 tenants ready")
    }

    @Test func `one in trouble is named with its reason, and does not make the daemon unready`() throws {
        let report = try #require(
            told(200, tenant("acme", "ready") + "," + tenant("beta", "degraded", #""its Redis refuses""#)))
        #expect(report.isReady)
        #expect(report.line == "ready: 1 of 2 tenants ready; beta is degraded (its Redis refuses)")
    }

    @Test func `none works`() throws {
        let report = try #require(told(503, tenant("acme", "failed", #""line 3""#)))
        #expect(!report.isReady)
        #expect(report.line == "not ready: 0 of 1 tenants ready; acme is failed (line 3)")
    }

    @Test(arguments: [("", "0 of 0"), (#""a":{"state":"ready"}"#, "1 of 1")])
    func `a daemon that starts or stops says so`(tenants: String, count: String) throws {
        let report = try #require(told(503, tenants))
        #expect(report.line == "not ready: \(count) tenants ready; the daemon is starting or stopping")
    }

    @Test func `many in trouble stay one line`() throws {
        let tenants = (100..<600).map { tenant("t\($0)", "degraded", #""a\nb""#) }.joined(separator: ",")
        let line = try #require(told(200, tenants)).line
        #expect(line.hasPrefix("ready: 0 of 500 tenants ready; t100 is degraded (a\u{FFFD}b); "))
        #expect(line.hasSuffix("t104 is degraded (a\u{FFFD}b); and 495 more"))
    }

    @Test(arguments: [(200, "hello"), (200, "{}"), (200, #"{"tenants":[]}"#), (404, #"{"tenants":{}}"#), (302, "")])
    func `another server's answer is none`(status: UInt, body: String) {
        #expect(HealthReport(HealthQuestion.Answer(status: status, body: Array(body.utf8))) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/readyz"), ("0.0.0.0:80", "http://127.0.0.1:80/readyz"),
        ("[::]:8080", "http://[::1]:8080/readyz"), ("[::1]:8080", "http://[::1]:8080/readyz"),
        ("10.1.2.3:8080", "http://10.1.2.3:8080/readyz"), ("localhost:8080", "http://localhost:8080/readyz"),
    ])
    func `it is asked where it listens, and on loopback where it listens everywhere`(
        listen: String, url: String
    ) throws {
        let address = try #require(ListenAddress(written: listen))
        #expect(HealthQuestion(HealthEndpoint(listen: address, isTLS: false)).url == url)
        #expect(
            HealthQuestion(HealthEndpoint(listen: address, isTLS: true)).url
                == url.replacing("http:", with: "https:", maxReplacements: 1))
    }
}
