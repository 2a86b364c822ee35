import Foundation
import Testing

/// The dashboard, the alerts and the table of metrics, held against what a running daemon tells.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: MetricsReading.isThere, "prometheus-client is not installed: Tools/peers.sh fetches it"))
struct MonitoringTests {
    /// With one of everything, so that no family is missing. Only with HTTPS there are a certificate's.
    private static func withEverything(_ body: (MetricsReading, String) async throws -> Void) async throws {
        let contacts = "/tmp/ctid-test-\(UUID().uuidString.prefix(8)).csv"
        defer { try? FileManager.default.removeItem(atPath: contacts) }
        try "id,name,phone\nA-17,Jane Doe,+27821234567\n".write(toFile: contacts, atomically: true, encoding: .utf8)
        try await Acme.run { redis, daemon in
            try await redis.push(Acme.call("c1"))
            try await eventually("the sink's own counts") {
                try await daemon.metric("ctid_sink_delivered_total", tenant: "acme") == 1
            }
            _ = try await daemon.get("/healthz")
            let text = try await daemon.get("/metrics").body
            try await body(MetricsReading(text), text)
        } file: { redis in
            """
            redis:
              url: "unix://\(redis.socket)?db=0"
              keys: { cdr: "\(Acme.records)", agents: "enigma:notifications:agents:*" }
            contacts: { files: [ \(contacts) ], lookup: { url: "http://127.0.0.1:9/?n={callerE164}" } }
            rules: [ { name: All, on: [up], do: [ { open: { url: "https://crm.example/", mode: new_frame } } ] } ]
            sinks: { socketio: [ { url: "http://127.0.0.1:9" } ], redis: [ { url: "unix://\(redis.socket)?db=1", channel: "ctid:{event}" } ] }
            """
        }
    }

    /// Where HTTPS is served.
    private static let ofTLS: Set<String> = [
        "ctid_tls_certificate_expiry_timestamp_seconds", "ctid_tls_certificate_reloads_total",
    ]
    /// Prometheus's own.
    private static let ofPrometheus: Set<String> = ["up"]

    /// Names of metrics in an expression: words before a brace, a bracket, or an operator, that are none of its functions.
    private static func names(in expression: String) -> Set<String> {
        Set(expression.matches(of: /\b(ctid_|process_|http_|hb_)[a-z0-9_]+/).map { String($0.output.0) })
    }

    private static func known(_ reading: MetricsReading) -> Set<String> {
        var known = Set(reading.families.keys).union(ofTLS).union(ofPrometheus)
        for (name, family) in reading.families where family.type == "histogram" {
            known.formUnion(["_bucket", "_sum", "_count"].map { name + $0 })
        }
        return known
    }

    private static func file(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Repository.root)/\(path)", encoding: .utf8)
    }

    @Test("each metric that the dashboard and the alerts name is there")
    func namesAreThere() async throws {
        let rules = try Self.file("Config/prometheus/ctid.rules.yaml").split(separator: "\n")
            .filter { !$0.contains("http_response_status_code") }.joined(separator: "\n")
        let dashboard = try #require(
            try JSONSerialization.jsonObject(with: Data(Self.file("Config/grafana/ctid.json").utf8)) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        let targets = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }
        #expect(targets.count > 40)
        try await Self.withEverything { reading, _ in
            #expect(reading.faults == [])
            let known = Self.known(reading)
            let labels = Set(reading.families.values.flatMap { $0.samples.flatMap { $0.labels.keys } })
            for target in targets {
                let names = Self.names(in: target["expr"] as? String ?? "").subtracting(labels)
                #expect(!names.isEmpty && names.isSubset(of: known), "\(names.subtracting(known))")
            }
            let alerted = Self.names(in: rules).subtracting(labels)
            #expect(alerted.count > 15 && alerted.isSubset(of: known), "\(alerted.subtracting(known))")
        }
    }

    @Test("Docs/metrics.md tells of each family, with its type, and of none that is not there")
    func table() async throws {
        let rows = try Self.file("Docs/metrics.md").matches(
            of: /(?m)^\| `([a-z_]+)` \| (counter|gauge|histogram|summary) \| ([^|]*) \| (.*) \|$/)
        let told = Dictionary(
            rows.map { (String($0.1), [String($0.2), String($0.4)]) }, uniquingKeysWith: { first, _ in first })
        try await Self.withEverything { reading, _ in
            let there = reading.families.mapValues { [$0.type, $0.help] }
            for (name, family) in there { #expect(told[name] == family, "\(name)") }
            #expect(Set(told.keys).subtracting(there.keys).isSubset(of: Self.ofTLS))
        }
    }

    // MARK: promtool

    @Test(
        "promtool finds no fault with the alerts, their tests, and the metrics",
        .enabled(if: Promtool.isThere, "promtool is not installed: Debian's package prometheus has it"))
    func faultless() async throws {
        let rules = "\(Repository.root)/Config/prometheus/ctid.rules.yaml"
        let tests = "\(Repository.root)/Tests/Integration/Fixtures/prometheus/ctid.rules.test.yaml"
        for arguments in [["check", "rules", rules], ["test", "rules", tests]] {
            let outcome = try await Child(Promtool.path, arguments).ended()
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        }
        try await Self.withEverything { _, text in
            let outcome = try await Child(Promtool.path, ["check", "metrics"], input: text).ended()
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        }
    }

    @Test("each alert tells what it means and what to do")
    func alerts() throws {
        let text = try Self.file("Config/prometheus/ctid.rules.yaml")
        let alerts = text.matches(of: /- alert: ([A-Za-z]+)/).map { String($0.1) }
        #expect(alerts.count > 15 && Set(alerts).count == alerts.count)
        let operations = try Self.file("Docs/operations.md")
        for alert in alerts {
            #expect(text.contains("runbook: Docs/operations.md#\(alert.lowercased())\n"), "\(alert)")
            #expect(operations.contains("\n### \(alert)\n"), "\(alert)")
        }
        for member in ["summary", "description", "severity"] {
            #expect(text.matches(of: try Regex("\\b\(member): ")).count == alerts.count, "\(member)")
        }
    }
}

/// Prometheus's own tool.
private enum Promtool {
    static let path = "/usr/bin/promtool"
    static let isThere = FileManager.default.isExecutableFile(atPath: path)
}
