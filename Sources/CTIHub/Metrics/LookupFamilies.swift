import CTICore
import CTIPipeline

/// The metrics of those tenants that ask an address who is calling.
enum LookupFamilies {
    static func write(_ lookups: [(id: TenantID, metrics: LookupMetrics)], to text: inout PrometheusText) {
        text.family(
            "ctid_lookups_total", .counter, "Questions who is calling, by how they ended.",
            lookups.flatMap { id, metrics in
                LookupOutcome.allCases.map { outcome in
                    .init(
                        labels: [("tenant", id.rawValue), ("outcome", outcome.rawValue)],
                        value: Double(metrics.outcomes[outcome] ?? 0))
                }
            })
        text.family(
            "ctid_lookup_answers_kept", .gauge, "Answers in the cache.",
            lookups.map { .init(labels: [("tenant", $0.id.rawValue)], value: Double($0.metrics.kept)) })
        text.family(
            "ctid_lookup_breaker_open", .gauge, "1 while nobody is asked, since so many failed in a row.",
            lookups.map { .init(labels: [("tenant", $0.id.rawValue)], value: $0.metrics.isBreakerOpen ? 1 : 0) })
        text.family(
            "ctid_lookup_seconds", .histogram, "How long requests took, those without an answer too.",
            lookups.flatMap { $0.metrics.times.samples([("tenant", $0.id.rawValue)]) })
    }
}
