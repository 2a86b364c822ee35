import CTICore
import CTIPipeline

/// The metrics of sinks: each sample has the sink's name as a label.
enum SinkFamilies {
    static func write(
        _ tenants: [(TenantID, [SinkStatus])], at now: Timestamp, to text: inout PrometheusText
    ) {
        let sinks = tenants.flatMap { id, sinks in sinks.map { (id, $0) } }
        guard !sinks.isEmpty else { return }
        func family(
            _ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (SinkStatus) -> Double
        ) {
            text.family(name, kind, help, sinks.map { .init(labels: labels($0, $1), value: value($1)) })
        }
        family("ctid_sink_up", .gauge, "0 while a sink's receiver is down.") { $0.downSince == nil ? 1 : 0 }
        family("ctid_sink_delivered_total", .counter, "Events that the receiver has.") { Double($0.delivered) }
        family("ctid_sink_gaps_total", .counter, "Times that the log no longer reached back to a sink's place.") {
            Double($0.gaps)
        }
        family("ctid_sink_waiting", .gauge, "Events read and not delivered yet; more may wait in the log.") {
            Double($0.waiting)
        }
        family("ctid_sink_waiting_seconds", .gauge, "For how long the oldest of them has waited.") {
            $0.waitingSince.map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0
        }
        let givenUp = sinks.flatMap { id, sink in
            (SinkFailure.Code.allCases.map(\.rawValue) + [SinkStatus.expired]).map { code in
                PrometheusText.Sample(
                    labels: labels(id, sink) + [("code", code)], value: Double(sink.givenUp[code] ?? 0))
            }
        }
        text.family(
            "ctid_sink_dead_letters_total", .counter, "Events given up, kept as dead letters, by why.", givenUp)
        text.family(
            "ctid_sink_delivery_seconds", .histogram, "From recorded until the receiver had it.",
            sinks.flatMap { $1.times.samples(labels($0, $1)) })
        let failures = sinks.flatMap { id, sink in
            SinkFailure.Code.allCases.map { code in
                PrometheusText.Sample(
                    labels: labels(id, sink) + [("code", code.rawValue)], value: Double(sink.failures[code] ?? 0))
            }
        }
        let details = sinks.flatMap { id, sink in
            sink.counts.map {
                PrometheusText.Sample(labels: labels(id, sink) + [("what", $0.what)], value: Double($0.count))
            }
        }
        text.family("ctid_sink_details_total", .counter, "What a kind of sink counts besides, by what.", details)
        text.family("ctid_sink_failures_total", .counter, "Tries that failed, by why.", failures)
    }

    private static func labels(_ tenant: TenantID, _ sink: SinkStatus) -> [(String, String)] {
        [("tenant", tenant.rawValue), ("sink", sink.name.description)]
    }
}
