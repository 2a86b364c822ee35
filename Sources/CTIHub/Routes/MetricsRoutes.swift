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
    /// What libraries record; `nil` where nobody asked for it.
    let libraries: PrometheusRegistry?
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
            [.init(labels: [("version", version), ("swift", Self.swift)], value: 1)])
        writeStates(await tenants.readiness(), to: &text)
        TenantFamilies.write(metrics, to: &text)
        TimingFamilies.write(metrics, counters.deliveryTimes(of: metrics.map(\.id)), to: &text)
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
        ReloadFamilies.write(
            tenants.reloads.figures, broken: tenants.broken, tenants: metrics.map(\.id), to: &text)
        writeHub(to: &text)
        SocketFamilies.write(sockets, to: &text)
        CertificateFamilies.write(counters.certificate, to: &text)
        writeDrops(metrics, to: &text)
        libraries?.write(to: &text)
        ProcessFamilies.write(to: &text)
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
                "ctid_streams_cut_total", "Connections closed under a client that read not even the end.",
                counters.streamsCut
            ),
        ]
        for (name, help, value) in families { text.family(name, .counter, help, [.init(value: Double(value))]) }
    }

    /// Whatever is bounded and full: with a tenant's label where it is the tenant's own.
    private func writeDrops(_ metrics: [(id: TenantID, metrics: TenantMetrics)], to text: inout PrometheusText) {
        var samples = metrics.flatMap { id, metrics in
            DropRule.allCases.map { rule in
                PrometheusText.Sample(
                    labels: [("tenant", id.rawValue), ("rule", rule.rawValue)],
                    value: Double(metrics.counters.dropped[rule] ?? 0))
            }
        }
        let shared = [
            ("stream_mailbox", counters.mailboxOverflows), ("socketio_mailbox", sockets.overflows),
            ("socketio_sessions", sockets.refusedSessions), ("metric_series", libraries?.dropped ?? 0),
        ]
        samples += shared.map { .init(labels: [("rule", $0)], value: Double($1)) }
        text.family(
            "ctid_dropped_total", .counter, "What found no room, by the rule that decided so.", samples)
    }

    /// The compiler that this was built with, as far as it says so.
    private static var swift: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
