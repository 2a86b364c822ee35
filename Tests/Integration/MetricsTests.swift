import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// `/metrics` of the built daemon, by a parser that others wrote; figures are exactly what was done.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: MetricsReading.isThere, "prometheus-client is not installed: Tools/peers.sh fetches it"))
struct MetricsTests {
    @Test("notifications of all kinds are counted by what became of them, and timed")
    func notifications() async throws {
        try await Acme.run { redis, daemon in
            for ref in ["a", "b", "c"] { try await redis.push(Acme.call(ref)) }
            for ref in ["d", "e"] { try await redis.push(Acme.call(ref, preV3: true)) }
            // Neither `call_dir` nor `campaign_ref`.
            try await redis.push(
                #"{"type":"call","payload":{"number":"0821234567","call_ref":"f","ref":"1007","contact_ref":null}}"#)
            try await redis.push(Acme.call("a"))
            try await redis.push("no JSON")
            for _ in 0..<2 { try await redis.push(#"{"type":"call","payload":{"number":"0821234567"}}"#) }
            try await eventually("all to be recorded") {
                let count = try await daemon.metric("ctid_notifications_total", tenant: "acme")
                return try await daemon.calls().contains("\"f\"") && count == 10
            }
            let reading = try await MetricsReading(daemon)
            #expect(reading.faults == [])
            #expect(
                reading.counts("ctid_handled_total", by: "outcome", "generation") == [
                    "planned v3": 3, "planned pre-v3": 2, "planned unknown": 1, "repeated v3": 1,
                    "dead_letter unknown": 3,
                ])
            #expect(reading.counts("ctid_dead_letters_total", by: "code") == ["not-json": 1, "missing-field": 2])
            #expect(reading.counts("ctid_missed_total", by: "reason") == ["offline": 6])
            #expect(reading.value("ctid_pops_total") == 0)
            #expect(reading.value("ctid_record_seconds", ["tenant": "acme"], suffix: "_count") ?? 0 >= 8)
            try await eventually("the list to be empty") {
                try await MetricsReading(daemon).value("ctid_list_length") == 0
            }
        }
    }

    @Test("pops are counted by what became of them: shown, blocked, dismissed, handled, unanswered in time")
    func pops() async throws {
        try await Acme.run { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            for (ref, outcomes) in [
                ("shown", ["shown", "shown"]), ("handled", ["shown", "handled"]), ("dismissed", ["dismissed"]),
                ("blocked", ["blocked", "blocked"]), ("silent", []),
            ] {
                try await redis.push(Acme.call(ref))
                let pop = try await stream.event("pop", ref: ref)
                for outcome in outcomes { try await daemon.acknowledge(pop, outcome, agent: "1007") }
            }
            try await eventually("the silent one to be given up") {
                try await MetricsReading(daemon).counts("ctid_pop_outcomes_total", by: "outcome")["unacknowledged"] == 1
            }
            let reading = try await MetricsReading(daemon)
            #expect(reading.faults == [])
            #expect(reading.value("ctid_pops_total") == 5)
            #expect(
                reading.counts("ctid_pop_outcomes_total", by: "outcome") == [
                    "shown": 3, "handled": 1, "dismissed": 1, "blocked": 1, "unacknowledged": 1,
                ])
            #expect(reading.counts("ctid_missed_total", by: "reason") == ["blocked": 1])
            #expect(reading.value("ctid_pop_shown_seconds", suffix: "_count") == 3)
            // hello, then call and pop each, two clears and a missed.
            #expect(reading.value("ctid_delivery_seconds", ["tenant": "acme"], suffix: "_count") == 14)
            #expect(reading.value("ctid_sessions") == 1)
            #expect(reading.value("ctid_agents_present") == 1)
            #expect(reading.value("ctid_open_pops") == 3)
            stream.close()
            try await eventually("the session to be gone") {
                try await MetricsReading(daemon).value("ctid_sessions") == 0
            }
        }
    }

    @Test("beyond the limit of open pops a call is missed as stacked, beyond that of sessions the oldest is dropped")
    func limits() async throws {
        try await Acme.run(daemon: "limits: { stacked_pops: 1, sessions_per_agent: 2 }") { redis, daemon in
            var streams: [EventStreamClient] = []
            for _ in 0..<3 {
                streams.append(try await daemon.stream(agent: "1007"))
            }
            for ref in ["one", "two"] { try await redis.push(Acme.call(ref)) }
            try await eventually("the second to be missed") {
                try await MetricsReading(daemon).counts("ctid_missed_total", by: "reason") == ["stacked": 1]
            }
            let reading = try await MetricsReading(daemon)
            #expect(reading.counts("ctid_dropped_total", by: "rule") == ["sessions_per_agent": 1])
            #expect(reading.value("ctid_sessions") == 2)
            for stream in streams { stream.close() }
        }
    }

    @Test("calls that waited too long are stale and missed for that")
    func stale() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // Nobody has ever seen this list empty: its elements may be of any age.
        for ref in ["a", "b"] { try await redis.push(Acme.call(ref)) }
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis)], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        try await eventually("them to be handled") {
            try await daemon.metric("ctid_notifications_total", tenant: "acme") == 2
        }
        let reading = try await MetricsReading(daemon)
        #expect(reading.counts("ctid_handled_total", by: "outcome", "generation") == ["stale v3": 2])
        #expect(reading.counts("ctid_missed_total", by: "reason") == ["stale": 2])
        _ = await daemon.stop()
        await redis.stop()
    }

    @Test("requests are counted by their route's template, and nothing that a client sent becomes a label")
    func requests() async throws {
        try await Acme.run { _, daemon in
            for path in ["/healthz", "/healthz", "/nothing/here", "/v1/acme/calls/c-1", "/v1/acme/calls/c-2"] {
                _ = try await daemon.get(path)
            }
            for method in ["XGET", "INVENTED"] {
                #expect(try await daemon.answer(to: method, "/healthz") == 400)
            }
            let reading = try await MetricsReading(daemon)
            #expect(reading.faults == [])
            let counts = reading.counts(
                "hb_requests_total", by: "http_request_method", "http_route", "http_response_status_code")
            #expect(counts["GET /healthz 200"] == 2)
            #expect(counts["GET /v1/{tenant}/calls/{ref} 401"] == 2)
            #expect(counts["GET NotFound 404"] == 1)
            let labels = reading.families.values.flatMap { $0.samples.flatMap { $0.labels.values } }
            for word in ["INVENTED", "XGET", "c-1", "nothing"] { #expect(!labels.contains { $0.contains(word) }) }
            let timed = reading.value(
                "http_server_request_duration_seconds", ["http_route": "/healthz"], suffix: "_count")
            #expect(timed == 2)
        }
    }

    @Test("the process itself is told by Prometheus's own names")
    func process() async throws {
        try await Acme.run { _, daemon in
            let reading = try await MetricsReading(daemon)
            func value(_ name: String) -> Double { reading.value("process_\(name)") ?? .nan }
            let status = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
            let resident = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }?
                .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }.first
            let kilobytes = try #require(resident)
            #expect(abs(value("resident_memory_bytes") / 1024 - kilobytes) < kilobytes / 2)
            #expect(value("cpu_seconds_total") > 0)
            #expect(value("virtual_memory_bytes") > value("resident_memory_bytes"))
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd").count
            #expect(abs(value("open_fds") - Double(files)) < 5)
            #expect(value("max_fds") >= value("open_fds"))
            #expect(abs(value("start_time_seconds") - Date().timeIntervalSince1970) < 120)
            #expect(reading.families["ctid_build_info"]?.samples.first?.labels["version"]?.isEmpty == false)
        }
    }
}

extension DaemonUnderTest {
    func acknowledge(_ pop: EventStreamClient.Event, _ outcome: String, agent: String) async throws {
        let id = pop["id"] ?? ""
        let answer = try await post(
            "/v1/acme/agents/\(agent)/acks", #"{"id":"\#(id)","outcome":"\#(outcome)"}"#, token: token("acme", agent))
        #expect(answer.status == 204)
    }

    /// The status, to any method.
    func answer(to method: String, _ path: String) async throws -> UInt {
        var request = HTTPClientRequest(url: base + path)
        request.method = .RAW(value: method)
        return try await HTTPClient.shared.execute(request, timeout: .seconds(10)).status.code
    }
}
