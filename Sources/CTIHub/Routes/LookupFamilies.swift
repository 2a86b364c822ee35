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
            lookups.flatMap { id, metrics in histogram(of: metrics.times, id) })
    }

    /// Each bucket holds those below it, too.
    private static func histogram(of times: LookupTimes, _ id: TenantID) -> [PrometheusText.Sample] {
        let tenant = ("tenant", id.rawValue)
        var sum = 0
        var samples: [PrometheusText.Sample] = []
        for (index, count) in times.counts.enumerated() {
            sum += count
            let bound = index < LookupTimes.bounds.count ? "\(LookupTimes.bounds[index])" : "+Inf"
            samples.append(.init(suffix: "_bucket", labels: [tenant, ("le", bound)], value: Double(sum)))
        }
        samples.append(.init(suffix: "_sum", labels: [tenant], value: times.sum))
        samples.append(.init(suffix: "_count", labels: [tenant], value: Double(sum)))
        return samples
    }
}
