import CTICore
import CTIPipeline

/// How long a call takes on its way: fetched ─▶ recorded ─▶ delivered ─▶ shown.
enum TimingFamilies {
    static func write(
        _ tenants: [(id: TenantID, metrics: TenantMetrics)], _ deliveries: [(id: TenantID, times: Timings)],
        to text: inout PrometheusText
    ) {
        text.family(
            "ctid_record_seconds", .histogram, "From the moment a notification was fetched until it was in the log.",
            tenants.flatMap { id, metrics in
                metrics.counters.recording.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { feed, times in
                    times.samples(labels(id, feed))
                }
            })
        text.family(
            "ctid_delivery_seconds", .histogram,
            "From recorded until a frame was written to its Server-Sent Events stream, for each frame.",
            deliveries.flatMap { id, times in times.samples([("tenant", id.rawValue)]) })
        text.family(
            "ctid_pop_shown_seconds", .histogram,
            "From the moment a pop was sent until its page said that it is shown.",
            tenants.flatMap { $0.metrics.counters.showing.samples([("tenant", $0.id.rawValue)]) })
    }

    private static func labels(_ tenant: TenantID, _ feed: Feed) -> [(name: String, value: String)] {
        [("tenant", tenant.rawValue)] + (feed == .inbound ? [] : [("list", feed.rawValue)])
    }
}
