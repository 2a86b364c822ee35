import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird
import NIOCore
import SocketIO

/// `/metrics`, for Prometheus. Labels name tenants, lists and states, never a call, a number or an agent.
///
/// The inbound list's samples have no `list` label, whatever else a tenant reads: a series stays the same when a list is
/// added beside it.
struct MetricsRoutes: Sendable {
    let tenants: TenantRegistry
    let counters: HubCounters
    let sockets: SocketCounters
    let version: String
    let now: @Sendable () -> Timestamp

    func add(to book: inout RouteBook) {
        book.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await text())))
        }
    }

    private func text() async -> String {
        var metrics: [(id: TenantID, metrics: TenantMetrics)] = []
        for tenant in tenants.all.sorted(by: { $0.id < $1.id }) {
            metrics.append((tenant.id, await tenant.gateway.metrics()))
        }
        var text = PrometheusText()
        text.family(
            "ctid_build_info", .gauge, "The version that runs; always 1.",
            [.init(labels: [("version", version)], value: 1)])
        writeStates(await tenants.readiness(), to: &text)
        for family in Self.families {
            text.family(
                family.name, family.kind, family.help,
                metrics.flatMap { family.samples(of: $0.id, $0.metrics) })
        }
        text.family(
            "ctid_agents", .gauge, "Agents in each state, as the PBX told on their channels since the start.",
            metrics.flatMap { id, metrics in
                metrics.agents.sorted { $0.key < $1.key }.map { state, count in
                    .init(labels: [("tenant", id.rawValue), ("state", state)], value: Double(count))
                }
            })
        LookupFamilies.write(metrics.compactMap { id, metrics in metrics.lookup.map { (id, $0) } }, to: &text)
        SinkFamilies.write(metrics.map { id, metrics in (id, metrics.sinks) }, at: now(), to: &text)
        writeContacts(to: &text)
        ReloadFamilies.write(tenants.reloads.figures, tenants: metrics.map(\.id), to: &text)
        writeHub(to: &text)
        SocketFamilies.write(sockets, to: &text)
        return text.text
    }

    private func writeStates(_ readiness: [TenantID: Readiness], to text: inout PrometheusText) {
        let states: [Readiness.State] = [.starting, .ready, .degraded, .failed, .stopping]
        let samples = readiness.sorted { $0.key < $1.key }.flatMap { id, readiness in
            states.map { state in
                PrometheusText.Sample(
                    labels: [("tenant", id.rawValue), ("state", state.rawValue)],
                    value: readiness.state == state ? 1 : 0)
            }
        }
        text.family("ctid_tenant_state", .gauge, "1 for the state that the tenant is in, as in /readyz.", samples)
    }

    private func writeContacts(to text: inout PrometheusText) {
        let directories = tenants.all.sorted { $0.id < $1.id }
            .compactMap { tenant in tenant.contacts.map { (tenant.id, $0.metrics()) } }
        let families: [(String, PrometheusText.Kind, String, (ContactMetrics) -> Double)] = [
            ("ctid_contacts", .gauge, "Contacts in the directory, the inactive ones too.", { Double($0.contacts) }),
            (
                "ctid_contacts_read_timestamp_seconds", .gauge, "When the directory was last read.",
                { Double($0.readAt.milliseconds) / 1000 }
            ),
            (
                "ctid_contacts_findings", .gauge, "What the contact files have wrong, when they were last read.",
                { Double($0.findings) }
            ),
            (
                "ctid_contacts_read_failures_total", .counter,
                "Contact files that could not be read, and imports refused.",
                { Double($0.failures) }
            ),
        ]
        for (name, kind, help, value) in families {
            text.family(
                name, kind, help, directories.map { .init(labels: [("tenant", $0.rawValue)], value: value($1)) })
        }
    }

    private func writeHub(to text: inout PrometheusText) {
        let families: [(String, String, Int)] = [
            ("ctid_frames_sent_total", "Frames taken for sending, over all streams.", counters.framesSent),
            (
                "ctid_stream_overflows_total", "Streams ended because their client did not read.",
                counters.mailboxOverflows
            ),
            (
                "ctid_streams_cut_total", "Connections closed under a client that read not even the end.",
                counters.streamsCut
            ),
        ]
        for (name, help, value) in families { text.family(name, .counter, help, [.init(value: Double(value))]) }
    }

    private struct Family: Sendable {
        let name: String
        let kind: PrometheusText.Kind
        let help: String
        let value: @Sendable (TenantMetrics) -> Double
        /// The same of another list or of channels; `nil` where they have no such thing.
        var other: (@Sendable (FeedMetrics) -> Double?)?

        func samples(of tenant: TenantID, _ metrics: TenantMetrics) -> [PrometheusText.Sample] {
            let inbound = PrometheusText.Sample(labels: [("tenant", tenant.rawValue)], value: value(metrics))
            return [inbound]
                + metrics.others.compactMap { feed in
                    other?(feed).map {
                        .init(labels: [("tenant", tenant.rawValue), ("list", feed.feed.rawValue)], value: $0)
                    }
                }
        }

        func and(_ other: @escaping @Sendable (FeedMetrics) -> Double?) -> Family {
            Family(name: name, kind: kind, help: help, value: value, other: other)
        }

        static func gauge(
            _ name: String, _ help: String, _ value: @escaping @Sendable (TenantMetrics) -> Double
        ) -> Family {
            Family(name: name, kind: .gauge, help: help, value: value)
        }

        static func counter(
            _ name: String, _ help: String, _ value: @escaping @Sendable (TenantMetrics) -> Int
        ) -> Family {
            Family(name: name, kind: .counter, help: help, value: { Double(value($0)) })
        }
    }

    private static let families: [Family] = [
        .gauge(
            "ctid_redis_seconds_since_answer",
            "Seconds since the list last answered, since the start where it never has; below 5 while all is well.",
            \.secondsSinceAnswer
        ).and(\.secondsSinceAnswer),
        .gauge("ctid_redis_up", "1 while calls are fetched.") { $0.isListUp ? 1 : 0 }.and { $0.isUp ? 1 : 0 },
        .counter("ctid_redis_connects_total", "Connections made to the tenant's Redis.") { $0.source?.connects ?? 0 }
            .and { Double($0.connects) },
        .gauge("ctid_list_length", "Notifications that wait in the list, when it was last asked.") {
            Double($0.source?.backlog ?? 0)
        }.and { $0.list.map { Double($0.backlog) } },
        .counter(
            "ctid_channel_messages_lost_total", "Messages of agents' channels that recording did not keep up with."
        ) {
            $0.counters.lost
        },
        .counter("ctid_notifications_total", "Notifications fetched.") { $0.counters.notifications },
        .counter("ctid_dead_letters_total", "Notifications that could not be handled.") { $0.counters.deadLetters },
        .counter("ctid_repeated_total", "Notifications of something known already.") { $0.counters.repeated },
        .counter("ctid_stale_total", "Notifications too old to take a screen.") { $0.counters.stale },
        .counter("ctid_pops_total", "Pops offered to a session.") { $0.counters.popsOffered },
        .counter("ctid_missed_total", "Calls shown as missed.") { $0.counters.missed },
        .counter("ctid_event_log_commits_total", "Commits of the event log.") { $0.counters.commits },
        .counter("ctid_event_log_failures_total", "Commits of the event log that failed.") {
            $0.counters.recordFailures
        },
        .counter("ctid_other_reader_total", "Notifications that another reader took from the list (at-least-once).") {
            $0.source?.missing ?? 0
        }.and { $0.list.map { Double($0.missing) } },
        .gauge("ctid_streams", "Streams open now: agents' pages and boards.") { Double($0.streams) },
    ]
}
