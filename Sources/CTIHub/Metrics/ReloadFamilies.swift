import CTICore

/// The metrics of reloads.
enum ReloadFamilies {
    static func write(
        _ figures: ReloadStatus.Figures, broken: Set<TenantID>, tenants: [TenantID], to text: inout PrometheusText
    ) {
        text.family(
            "ctid_reloads_total", .counter, "Readings of changed configuration files, by whether all was good.",
            [
                .init(labels: [("result", "success")], value: Double(figures.succeeded)),
                .init(labels: [("result", "failure")], value: Double(figures.failed)),
            ])
        text.family(
            "ctid_configuration_good_timestamp_seconds", .gauge, "When all that was read was good the last time.",
            figures.goodSince.map { [.init(value: Double($0.milliseconds) / 1000)] } ?? [])
        text.family(
            "ctid_configuration_broken", .gauge, "1 where ctid.yaml is wrong, and the last good one is in use.",
            [.init(value: figures.isDaemonFileBroken ? 1 : 0)])
        let all = broken.union(tenants).sorted()
        text.family(
            "ctid_tenant_configuration_broken", .gauge,
            "1 where the tenant's file is wrong: the last good one is in use, if there was one.",
            all.map { .init(labels: [("tenant", $0.rawValue)], value: broken.contains($0) ? 1 : 0) })
    }
}
