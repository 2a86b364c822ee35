import CTICore
import CoreMetrics
import NIOHTTP1
import Testing

@testable import CTIHub
@testable import CTIPipeline

@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
    @Test func everyFamilyHasHelpAndTypeAndIsInItsPlace() async throws {
        try await RunningHub.run(
            FakeGateway(.acme, state: Readiness(state: .degraded, reason: "why", since: .start))
        ) { hub async throws in
            let broken = try #require(TenantID("broken"))
            hub.hub.tenants.setProblem(Readiness(state: .failed, since: .start), of: broken)
            let answer = try await hub.request(.GET, "/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"])
            let exposition = try Exposition(answer.body)
            #expect(exposition.value("ctid_notifications_total", ["tenant": "acme"]) == 7)
            #expect(exposition.value("ctid_redis_seconds_since_answer", ["tenant": "acme"]) == 1.5)
            #expect(exposition.value("ctid_redis_up", ["tenant": "acme"]) == 1)
            #expect(exposition.value("ctid_tenant_state", ["tenant": "acme", "state": "degraded"]) == 1)
            #expect(exposition.value("ctid_tenant_state", ["tenant": "acme", "state": "ready"]) == 0)
            #expect(exposition.value("ctid_tenant_state", ["tenant": "broken", "state": "failed"]) == 1)
            for family in exposition.families {
                #expect((family.key.hasSuffix("_total")) == (family.value == "counter"), "\(family.key)")
            }
            for name in [
                "ctid_build_info", "ctid_redis_connects_total", "ctid_list_length", "ctid_dead_letters_total",
                "ctid_handled_total", "ctid_dropped_total", "ctid_pops_total", "ctid_missed_total", "ctid_streams",
                "ctid_event_log_commits_total", "ctid_event_log_failures_total", "ctid_other_reader_total",
            ] { #expect(exposition.families[name] != nil, "\(name)") }
        }
    }

    @Test func lookUpsAreCountedByHowTheyEnded() throws {
        var metrics = LookupMetrics()
        metrics.outcomes = [.found: 3, .timeout: 1]
        metrics.isBreakerOpen = true
        for time in [Duration.milliseconds(4), .milliseconds(30), .seconds(60)] { metrics.times.add(time) }
        var text = PrometheusText()
        LookupFamilies.write([(.acme, metrics)], to: &text)
        let exposition = try Exposition(text.text)
        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            exposition.value(name, labels.merging(["tenant": "acme"]) { first, _ in first })
        }
        #expect(value("ctid_lookups_total", ["outcome": "found"]) == 3)
        #expect(value("ctid_lookups_total", ["outcome": "timeout"]) == 1)
        #expect(value("ctid_lookups_total", ["outcome": "breaker_open"]) == 0)
        #expect(value("ctid_lookup_breaker_open") == 1)
        #expect(value("ctid_lookup_seconds_bucket", ["le": "0.005"]) == 1)
        #expect(value("ctid_lookup_seconds_bucket", ["le": "0.05"]) == 2)
        #expect(value("ctid_lookup_seconds_bucket", ["le": "10.0"]) == 2)
        #expect(value("ctid_lookup_seconds_bucket", ["le": "+Inf"]) == 3)
        #expect(value("ctid_lookup_seconds_count") == 3)
        #expect(abs((value("ctid_lookup_seconds_sum") ?? 0) - 60.034) < 0.001)
    }

    @Test func aTenantThatIsRemovedTakesItsSeriesWithIt() async throws {
        try await RunningHub.run { hub async throws in
            hub.hub.counters.times(of: .acme).add(.milliseconds(1), frames: 3)
            let before = try Exposition(try await hub.request(.GET, "/metrics").body)
            #expect(before.value("ctid_delivery_seconds_count", ["tenant": "acme"]) == 3)
            hub.hub.tenants.remove(.acme)
            #expect(!(try await hub.request(.GET, "/metrics").body).contains("acme"))
        }
    }

    @Test func aLibrarysFamilyHoldsSoManySeriesAndNoMore() throws {
        let registry = PrometheusRegistry()
        for number in 0..<PrometheusRegistry.most + 5 {
            registry.makeCounter(label: "library.things", dimensions: [("what", "\(number)")]).increment(by: 2)
        }
        registry.makeCounter(label: "library.things", dimensions: [("what", "0")]).increment(by: 1)
        var text = PrometheusText()
        registry.write(to: &text)
        #expect(try Exposition(text.text).value("library_things_total", ["what": "0"]) == 3)
        #expect(text.text.split(separator: "\n").count == PrometheusRegistry.most + 2)
        #expect(registry.dropped == 5)
    }

    @Test func labelsAreEscaped() throws {
        var text = PrometheusText()
        text.family("x", .gauge, "back\\slash\nline \"quoted\"", [.init(labels: [("l", "a\\b\"c\nd")], value: 0.25)])
        #expect(
            text.text == "# HELP x back\\\\slash\\nline \"quoted\"\n# TYPE x gauge\nx{l=\"a\\\\b\\\"c\\nd\"} 0.25\n")
        #expect(try Exposition(text.text).value("x", ["l": "a\\b\"c\nd"]) == 0.25)
    }
}

/// A reader of the text format that takes nothing for granted.
struct Exposition {
    private(set) var families: [String: String] = [:]
    private var samples: [(name: String, labels: [String: String], value: Double)] = []

    struct Mistake: Error { let line: String }

    init(_ text: String) throws {
        var helped: Set<String> = []
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if words.first == "#" {
                guard words.count == 4 else { throw Mistake(line: line) }
                if words[1] == "HELP" {
                    guard helped.insert(words[2]).inserted else { throw Mistake(line: line) }
                    current = words[2]
                } else {
                    guard words[1] == "TYPE", words[2] == current, ["gauge", "counter", "histogram"].contains(words[3])
                    else {
                        throw Mistake(line: line)
                    }
                    families[words[2]] = words[3]
                }
                continue
            }
            let sample = try Self.sample(line)
            let suffixes = families[current] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
            guard families[current] != nil, suffixes.contains(where: { sample.name == current + $0 }) else {
                throw Mistake(line: line)
            }
            samples.append(sample)
        }
        guard text.hasSuffix("\n") else { throw Mistake(line: "the last line is not ended") }
    }

    func value(_ name: String, _ labels: [String: String]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private static func sample(_ line: String) throws -> (name: String, labels: [String: String], value: Double) {
        var rest = Substring(line)
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                guard let equals = rest.firstIndex(of: "=") else { throw Mistake(line: line) }
                let label = String(rest[..<equals])
                rest = rest[equals...].dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    if character == "\\" {
                        let escaped = rest.popFirst()
                        value.append(escaped == "n" ? "\n" : escaped ?? " ")
                    } else {
                        value.append(character)
                    }
                }
                labels[label] = value
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()) else { throw Mistake(line: line) }
        return (String(name), labels, value)
    }
}
