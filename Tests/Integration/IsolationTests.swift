import AsyncHTTPClient
import Crypto
import Foundation
import Hiredis
import NIOCore
import NIOHTTP1
import Testing

/// What one tenant has never reaches another: two tenants with the same agents, the same numbers and the same call
/// references, on one Redis and one daemon.
@Suite(.timeLimit(.minutes(3)))
struct IsolationTests {
    private static let number = "0821234567"

    /// Each in its own words, so that whatever leaks is found.
    private func file(_ tenant: String, _ redis: RedisServer) -> String {
        """
        display_name: Display-\(tenant)
        redis: { url: "unix://\(redis.socket)?db=0", keys: { inbound: "\(tenant):inbound" } }
        queues: { "0117654321": "Queue-\(tenant)" }
        agents: [ { extension: "1007", name: "Agent-\(tenant)" } ]
        rules:
          - name: Rule-\(tenant)
            on: [up]
            do:
              - open: { url: "https://\(tenant).example/{callRef}/{contact.name}", mode: new_frame }
              - realtime: { app: "App-\(tenant)", reference: "Reference-\(tenant)", url: "https://\(tenant).example" }
        sinks: { redis: [ { url: "unix://\(redis.socket)?db=1", stream: "told:{tenant}" } ] }
        """
    }

    private func world(_ body: (RedisServer, DaemonUnderTest) async throws -> Void) async throws {
        try await Acme.run(body, files: { ["alpha": file("alpha", $0), "bravo": file("bravo", $0)] })
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ token: String?, _ body: String?, to daemon: DaemonUnderTest
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: daemon.base + path)
        request.method = method
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        // What is granted may never end.
        guard response.status.code >= 400 else { return (UInt(response.status.code), "") }
        return (UInt(response.status.code), String(buffer: try await response.body.collect(upTo: 1 << 16)))
    }

    // MARK: Tokens

    private struct Attempt {
        let what: String
        let method: HTTPMethod
        let path: String
        let body: String?

        init(_ method: HTTPMethod, _ path: String, _ body: String? = nil) {
            (what, self.method, self.path, self.body) = ("\(method) \(path)", method, path, body)
        }
    }

    /// All that a token could open, of this tenant and extension.
    private static func attempts(_ tenant: String, _ agent: String = "1007") -> [Attempt] {
        let own = "/v1/\(tenant)/agents/\(agent)"
        return [
            Attempt(.GET, "\(own)/events"), Attempt(.GET, "\(own)/events?dialect=xcally"),
            Attempt(.POST, "\(own)/sessions/s1", #"{"state":"focused"}"#),
            Attempt(.POST, "\(own)/acks", #"{"id":"p1","outcome":"handled"}"#),
            Attempt(.POST, "\(own)/phone", #"{"type":"phone:accepted","data":{}}"#),
            Attempt(.POST, "\(own)/dial", #"{"number":"0821234567"}"#),
            Attempt(.POST, "\(own)/contact", #"{"ref":"c1","contact":"1"}"#),
            Attempt(.GET, "/v1/\(tenant)/contacts?number=0821234567"), Attempt(.GET, "/v1/\(tenant)/contacts?ref=A-17"),
        ]
    }

    private static func others(_ tenant: String) -> [Attempt] {
        [
            Attempt(.PUT, "/v1/\(tenant)/contacts", "[]"), Attempt(.GET, "/v1/\(tenant)/realtime"),
            Attempt(.GET, "/v1/\(tenant)/board"), Attempt(.GET, "/v1/\(tenant)/board?once"),
            Attempt(.GET, "/v1/\(tenant)/calls"), Attempt(.GET, "/v1/\(tenant)/calls/c1"),
            Attempt(.POST, "/v1/\(tenant)/events", Acme.call("c1")),
            Attempt(.POST, "/v1/\(tenant)/events?dialect=teleforge", Acme.call("c1")),
        ]
    }

    /// As a tenant could make it for another one: with its own secret.
    private func forged(_ claims: String, secret: String) -> String {
        func encoded(_ data: Data) -> String {
            data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
                .replacingOccurrences(of: "=", with: "")
        }
        let head = encoded(Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + encoded(Data(claims.utf8))
        let key = SymmetricKey(data: Data(secret.utf8))
        return head + "." + encoded(Data(HMAC<SHA256>.authenticationCode(for: Data(head.utf8), using: key)))
    }

    @Test("each endpoint refuses each token that is another tenant's, another agent's, forged or none")
    func tokens() async throws {
        try await world { redis, daemon in
            try await redis.push(Acme.call("c1"), to: "bravo:inbound")
            let scopes = "agent supervisor ingest admin"
            let alphas = try await daemon.token("alpha", "1007", scope: scopes)
            let end = Int(Date().timeIntervalSince1970) + 3600
            let secret = "0123456789abcdef0123456789abcdef-alpha"
            let claims = #""scope":"\#(scopes)","exp":\#(end)"#
            let asBravo = forged(#"{"sub":"1007","tenant":"bravo",\#(claims)}"#, secret: secret)
            let asNobody = forged(#"{"sub":"1007",\#(claims)}"#, secret: secret)
            let asBoth = forged(#"{"sub":"1007","tenant":["alpha","bravo"],\#(claims)}"#, secret: secret)
            let unsigned = asBravo.split(separator: ".").dropLast().joined(separator: ".") + "."
            let tokens: [(String, String?, UInt)] = [
                ("alpha's", alphas, 403), ("forged by alpha for bravo", asBravo, 401), ("of no tenant", asNobody, 401),
                ("of two tenants", asBoth, 401), ("unsigned", unsigned, 401), ("none", nil, 401),
            ]
            var refused = 0
            for attempt in Self.attempts("bravo") + Self.others("bravo") {
                for (name, token, expected) in tokens {
                    let answer = try await send(attempt.method, attempt.path, token, attempt.body, to: daemon)
                    #expect(answer.status == expected, "\(attempt.what) with a token \(name): \(answer.body)")
                    expectNothing(of: "bravo", in: answer.body, attempt.what)
                    refused += answer.status == expected ? 1 : 0
                }
                // Where a browser can set no header.
                let query = attempt.path.contains("?") ? "&" : "?"
                let path = attempt.path + query + "access_token=\(alphas)"
                let answer = try await send(attempt.method, path, nil, attempt.body, to: daemon)
                #expect(answer.status == 403, "\(attempt.what) with alpha's token in the query")
                refused += 1
            }
            // Another agent of the same tenant; and what asks for another scope.
            let agents = try await daemon.token("bravo", "1007")
            for attempt in Self.attempts("bravo", "1008") where attempt.path.contains("/1008/") {
                let answer = try await send(attempt.method, attempt.path, agents, attempt.body, to: daemon)
                #expect(answer.status == 403, "\(attempt.what) with 1007's token")
                refused += 1
            }
            for attempt in Self.others("bravo") {
                let answer = try await send(attempt.method, attempt.path, agents, attempt.body, to: daemon)
                #expect(answer.status == 403, "\(attempt.what) with an agent's token")
                refused += 1
            }
            // Names that are no tenant's, and paths that lead elsewhere.
            for name in ["charlie", "..%2fbravo", "bravo%00", "BRAVO", "%2e%2e"] {
                let answer = try await send(.GET, "/v1/\(name)/calls", alphas, nil, to: daemon)
                #expect([400, 401, 403, 404].contains(answer.status), "\(name): \(answer.status)")
                refused += 1
            }
            FaultFigures.tell("attempts at another tenant, each refused: \(refused)")
            // And it was the token alone that was wrong: bravo's own opens them.
            let own = try await daemon.token("bravo", "1007", scope: scopes)
            for attempt in Self.attempts("bravo") + Self.others("bravo") where attempt.method == .GET {
                let answer = try await send(.GET, attempt.path, own, nil, to: daemon)
                #expect(![401, 403].contains(answer.status), "\(attempt.what) with bravo's own token")
            }
        }
    }

    private func expectNothing(of tenant: String, in text: String, _ what: String) {
        for word in ["Display", "Queue", "Agent", "Rule", "App", "Reference", "Contact"] {
            #expect(!text.contains("\(word)-\(tenant)"), "\(what)")
        }
    }

    // MARK: What flows

    @Test("calls, contacts, acknowledgements, sinks and logs of one tenant never reach the other")
    func flow() async throws {
        try await world { redis, daemon in
            for tenant in ["alpha", "bravo"] {
                let admin = try await daemon.token(tenant, scope: "admin")
                let contact =
                    #"[{"id":"1","name":"Contact-\#(tenant)","phones":["\#(Self.number)"],"references":["A-17"]}]"#
                #expect(try await send(.PUT, "/v1/\(tenant)/contacts", admin, contact, to: daemon).status == 200)
            }
            var streams: [String: [EventStreamClient]] = [:]
            for tenant in ["alpha", "bravo"] {
                let screen = try await daemon.stream(agent: "1007", tenant: tenant)
                let board = try await daemon.realtime(tenant: tenant)
                streams[tenant] = [screen, board]
            }
            // The same reference, number and extension: only the list is another one.
            for tenant in ["alpha", "bravo"] { try await redis.push(Acme.call("same"), to: "\(tenant):inbound") }
            for (tenant, other) in [("alpha", "bravo"), ("bravo", "alpha")] {
                let pop = try await streams[tenant]?[0].event("pop", ref: "same")
                #expect(pop?["contact.name"] == "Contact-\(tenant)")
                #expect(pop?.data.contains("https://\(tenant).example/same/Contact-\(tenant)") == true)
                try await streams[tenant]?[1].event("RealtimeCTI", ref: "same")
                for stream in streams[tenant] ?? [] {
                    for event in stream.events { expectNothing(of: other, in: event.data, event.name) }
                }
            }
            // Handled by one: the other's stays.
            let alphas = try await daemon.token("alpha", "1007")
            let pop = try #require(try await streams["alpha"]?[0].event("pop", ref: "same")["id"])
            let ack = #"{"id":"\#(pop)","outcome":"handled"}"#
            #expect(try await daemon.post("/v1/alpha/agents/1007/acks", ack, token: alphas).status < 300)
            try await streams["alpha"]?[0].event("clear", ref: "same")
            // A position of one log says nothing of the other's: nobody is sent what is not theirs.
            let last = streams["alpha"]?[0].events.last?.id ?? 0
            let resumed = try await daemon.stream(agent: "1007", tenant: "bravo", after: String(last))
            for event in resumed.events { expectNothing(of: "alpha", in: event.data, "resumed \(event.name)") }
            #expect(streams["bravo"]?[0].names.contains("clear") == false)

            try await afterwards(redis, daemon)
        }
    }

    /// Sinks, the record, the commands, the metrics.
    private func afterwards(_ redis: RedisServer, _ daemon: DaemonUnderTest) async throws {
        for (tenant, other) in [("alpha", "bravo"), ("bravo", "alpha")] {
            let script = "redis.call('SELECT', 1) return cjson.encode(redis.call('XRANGE', KEYS[1], '-', '+'))"
            func told() async throws -> String { try await redis.run("EVAL", script, "1", "told:\(tenant)").text ?? "" }
            try await eventually("the sink to be told") { try await told().contains("same") }
            expectNothing(of: other, in: try await told(), "the sink")

            let token = try await daemon.token(tenant, "1007", scope: "supervisor agent")
            for path in ["calls", "calls/same", "contacts?number=\(Self.number)", "board?once"] {
                let answer = try await daemon.get("/v1/\(tenant)/\(path)", token: token)
                #expect(answer.status == 200 && answer.body.contains(tenant), "\(path)")
                expectNothing(of: other, in: answer.body, path)
            }
            try await redis.push(Acme.call("only-\(tenant)"), to: "\(tenant):inbound")
            try await eventually("it to be recorded") {
                try await daemon.calls(tenant: tenant).contains("only-\(tenant)")
            }
            let foreign = try await Child.run("explain", "--config", daemon.folder, "--tenant", other, "only-\(tenant)")
            #expect(foreign.status == 1)
            #expect(try await !daemon.calls(tenant: other).contains("only-\(tenant)"))
        }
        // Figures alone: no name, number, agent, queue or rule of anybody.
        let metrics = try await daemon.get("/metrics").body
        for tenant in ["alpha", "bravo"] {
            expectNothing(of: tenant, in: metrics, "/metrics")
            #expect(metrics.contains("tenant=\"\(tenant)\""))
        }
        for word in [Self.number, "+27821234567", "1007", "only-"] {
            #expect(!metrics.contains("\"\(word)"), "\(word)")
        }
    }

    @Test("an error of one tenant is told to nobody of the other")
    func errors() async throws {
        try await world { redis, daemon in
            let files = TenantFolder(folder: daemon.folder)
            try files.replace("alpha", file("alpha", redis) + "\nsecret-word: 1")
            try await eventually("alpha's trouble", within: .seconds(40)) {
                try await daemon.get("/readyz").body.contains("secret-word")
            }
            // It stands where the operator looks, under alpha alone, and on nothing that bravo's people see.
            let json = try JSONSerialization.jsonObject(with: Data(try await daemon.get("/readyz").body.utf8))
            let states = (json as? [String: [String: [String: Any]]])?["tenants"]
            #expect(states?["bravo"]?["state"] as? String == "ready")
            #expect("\(states?["bravo"] ?? [:])".contains("secret-word") == false)
            let token = try await daemon.token("bravo", "1007", scope: "supervisor agent")
            for path in ["calls", "board?once", "calls/none", "contacts?number=1"] {
                let body = try await daemon.get("/v1/bravo/\(path)", token: token).body
                #expect(!body.contains("secret-word") && !body.contains("alpha"), "\(path)")
            }
            #expect(try await !daemon.get("/metrics").body.contains("secret-word"))
        }
    }
}
