import CTICore
import CTIHub
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AccessTests {
    /// A token in words, so that a failing case can be told.
    enum Presented: String, CaseIterable, Sendable {
        case none, empty, garbage, expired, noExpiry, wrongKey, unsigned, wrongTenant, noTenant, wrongExtension
        case wrongScope, supervisorOnly, otherScheme

        var status: Int {
            switch self {
            case .none, .empty, .garbage, .expired, .noExpiry, .wrongKey, .unsigned, .otherScheme: 401
            case .wrongTenant, .noTenant, .wrongExtension, .wrongScope, .supervisorOnly: 403
            }
        }

        func header() async throws -> String? {
            switch self {
            case .none: nil
            case .empty: "Bearer "
            case .garbage: "Bearer a.b.c"
            case .expired: "Bearer " + (try await token(TestClaims(exp: 1)))
            case .noExpiry: "Bearer " + (try await token(TestClaims(exp: nil)))
            case .wrongKey: "Bearer " + (try await token(secret: TestSecret.other))
            case .unsigned:
                "Bearer " + base64URL(#"{"alg":"none"}"#) + "." + (try await token().split(separator: ".")[1]) + "."
            case .wrongTenant: "Bearer " + (try await token(TestClaims(tenant: "other")))
            case .noTenant: "Bearer " + (try await token(TestClaims(tenant: nil)))
            case .wrongExtension: "Bearer " + (try await token(TestClaims(sub: "1002")))
            case .wrongScope: "Bearer " + (try await token(TestClaims(scope: "agents admin")))
            case .supervisorOnly: "Bearer " + (try await token(TestClaims(scope: "supervisor")))
            case .otherScheme: "Basic " + (try await token())
            }
        }
    }

    @Test(arguments: Presented.allCases)
    func tokensThatDoNotOpenTheStream(presented: Presented) async throws {
        let header = try await presented.header()
        try await RunningHub.run { hub async throws in
            let headers = header.map { [("Authorization", $0)] } ?? []
            for (method, path) in [("GET", String.events), ("POST", "/v1/acme/agents/1001/acks")] {
                let answer = try await hub.request(.init(rawValue: method), path, headers: .init(headers))
                #expect(answer.status == presented.status)
                #expect(answer.headers["Content-Type"] == ["application/problem+json"])
                #expect(!answer.headers["WWW-Authenticate"].isEmpty || presented.status == 403)
            }
        }
    }

    @Test func theQueryCarriesATokenToo() async throws {
        let token = try await token()
        let expired = try await CTIHubTests.token(TestClaims(exp: 1))
        try await RunningHub.run { hub async throws in
            let reader = try await hub.stream(.events + "?access_token=\(token)", token: nil)
            #expect(reader.status == 200)
            #expect(try await hub.request(.GET, .events + "?access_token=\(expired)").status == 401)
            #expect(try await hub.request(.GET, .events + "?access_token=\(token)", token: expired).status == 401)
        }
    }

    /// Without a token of theirs, a tenant that exists and one that does not look the same.
    @Test func tenantsCannotBeEnumerated() async throws {
        let stranger = try await token(secret: TestSecret.other)
        try await RunningHub.run { hub async throws in
            for token in [nil, "a.b.c", stranger] {
                let known = try await hub.request(.GET, "/v1/acme/agents/1/events", token: token)
                for path in ["/v1/nobody/agents/1/events", "/v1/Not%20A%20Name/agents/1/events"] {
                    let unknown = try await hub.request(.GET, path, token: token)
                    #expect(unknown.status == 401)
                    #expect(unknown.body == known.body)
                    #expect(unknown.headers["WWW-Authenticate"] == known.headers["WWW-Authenticate"])
                }
            }
        }
    }

    /// A good token of another tenant opens nothing, and shows not even whether the tenant is there.
    @Test func anothersTokenIsForbidden() async throws {
        let tokens = try await TokenVerifier(hs256Secret: TestSecret.other)
        let theirs = try await token(TestClaims(tenant: "bravo"), secret: TestSecret.other)
        let forged = try await token(TestClaims(tenant: "bravo"))
        try await RunningHub.run { hub async throws in
            let bravo = try #require(TenantID("bravo"))
            hub.hub.tenants.update(HubTenant(gateway: FakeGateway(bravo), log: FakeLog(), tokens: tokens))
            for tenant in ["acme", "nobody"] {
                #expect(try await hub.request(.GET, "/v1/\(tenant)/calls", token: theirs).status == 403)
            }
            #expect(try await hub.request(.GET, "/v1/nobody/calls", token: forged).status == 401)
        }
    }

    @Test func aReloadTakesEffectAtOnce() async throws {
        let token = try await token(TestClaims(), secret: TestSecret.other)
        let tokens = try await TokenVerifier(hs256Secret: TestSecret.other)
        try await RunningHub.run { hub async throws in
            #expect(try await hub.request(.GET, "/v1/acme/calls", token: token).status == 401)
            hub.hub.tenants.update(HubTenant(gateway: FakeGateway(.acme), log: FakeLog(), tokens: tokens))
            #expect(try await hub.request(.GET, "/v1/acme/calls", token: token).status == 200)
            hub.hub.tenants.remove(.acme)
            #expect(try await hub.request(.GET, "/v1/acme/calls", token: token).status == 401)
        }
    }

    @Test func noTokenReachesALog() async throws {
        let token = try await token()
        let lines = LogLines()
        try await RunningHub.run(logger: lines.logger) { hub async throws in
            _ = try await hub.stream(.events + "?access_token=\(token)", token: nil)
            #expect(try await hub.request(.GET, "/v1/acme/calls?access_token=\(token)").status == 200)
            #expect(try await hub.request(.GET, "/v1/acme/nothing?access_token=\(token)").status == 404)
        }
        #expect(lines.all.contains { $0.contains("/v1/acme/calls") })
        #expect(lines.all.allSatisfy { !$0.contains(token) && !$0.contains("access_token") })
    }
}
