import CTICore
import CTIPipeline

/// What tenants' desks count. A family's samples have the label `tenant`, and one or two of a few fixed words.
enum TenantFamilies {
    typealias Label = (name: String, value: String)

    static func write(_ tenants: [(id: TenantID, metrics: TenantMetrics)], to text: inout PrometheusText) {
        for family in families {
            let samples = tenants.flatMap { id, metrics in
                family.samples(metrics).map { labels, value in
                    PrometheusText.Sample(labels: [("tenant", id.rawValue)] + labels, value: value)
                }
            }
            text.family(family.name, family.kind, family.help, samples)
        }
    }

    struct Family: Sendable {
        let name: String
        let kind: PrometheusText.Kind
        let help: String
        let samples: @Sendable (TenantMetrics) -> [(labels: [Label], value: Double)]

        static func gauge(
            _ name: String, _ help: String, _ value: @escaping @Sendable (TenantMetrics) -> Double
        ) -> Family {
            Family(name: name, kind: .gauge, help: help) { [([], value($0))] }
        }

        static func counter(
            _ name: String, _ help: String, _ value: @escaping @Sendable (TenantMetrics) -> Int
        ) -> Family {
            Family(name: name, kind: .counter, help: help) { [([], Double(value($0)))] }
        }

        /// Counted by a word; those that never were are 0, so that a rate can be had from the first one on.
        static func counter<Word: RawRepresentable & Hashable & Sendable>(
            _ name: String, _ help: String, by label: String, _ words: [Word],
            _ counts: @escaping @Sendable (TenantMetrics) -> [Word: Int]
        ) -> Family where Word.RawValue == String {
            Family(name: name, kind: .counter, help: help) { metrics in
                let counts = counts(metrics)
                return words.map { ([(label, $0.rawValue)], Double(counts[$0] ?? 0)) }
            }
        }

        /// The same of the other lists and the channels; `nil` where they have no such thing.
        func and(_ other: @escaping @Sendable (FeedMetrics) -> Double?) -> Family {
            Family(name: name, kind: kind, help: help) { metrics in
                samples(metrics)
                    + metrics.others.compactMap { feed in
                        other(feed).map { ([("list", feed.feed.rawValue)], $0) }
                    }
            }
        }
    }

    private static let families = redis + notifications + pops + log
}

// MARK: The families

extension TenantFamilies {
    private static let redis: [Family] = [
        .gauge(
            "ctid_redis_seconds_since_answer",
            "Seconds since the list last answered, since the start where it never has; below 5 while all is well.",
            \.secondsSinceAnswer
        ).and(\.secondsSinceAnswer),
        .gauge("ctid_redis_up", "1 while calls are fetched.") { $0.isListUp ? 1 : 0 }.and { $0.isUp ? 1 : 0 },
        .counter("ctid_redis_connects_total", "Connections made to the tenant's Redis.") { $0.source?.connects ?? 0 }
            .and { Double($0.connects) },
        Family(
            name: "ctid_redis_failures_total", kind: .counter,
            help: "Connections that ended or could not be made; each is tried again."
        ) { metrics in
            [([], Double(metrics.counters.redisFailures[.inbound] ?? 0))]
                + metrics.others.map {
                    ([("list", $0.feed.rawValue)], Double(metrics.counters.redisFailures[$0.feed] ?? 0))
                }
        },
        .gauge("ctid_list_length", "Notifications that wait in the list, when it was last asked.") {
            Double($0.source?.backlog ?? 0)
        }.and { $0.list.map { Double($0.backlog) } },
        .counter("ctid_other_reader_total", "Notifications that another reader took from the list (at-least-once).") {
            $0.source?.missing ?? 0
        }.and { $0.list.map { Double($0.missing) } },
    ]

    private static let notifications: [Family] = [
        .counter("ctid_notifications_total", "Notifications fetched.") { $0.counters.notifications },
        Family(
            name: "ctid_handled_total", kind: .counter,
            help: "What became of notifications, fetched and posted, by the generation of payload that they are."
        ) { metrics in
            HandledCounts.Outcome.allCases.flatMap { outcome in
                outcome.generations.map { generation in
                    (
                        [("outcome", outcome.rawValue), ("generation", generation.rawValue)],
                        Double(metrics.counters.handled[outcome, generation])
                    )
                }
            }
        },
        Family(
            name: "ctid_dead_letters_total", kind: .counter,
            help: "Notifications that could not be handled, kept as dead letters, by why."
        ) { metrics in
            (DecodeFailure.Code.allCases.map(\.rawValue) + [DeskCounters.killedDaemon]).map {
                ([("code", $0)], Double(metrics.counters.deadLetters[$0] ?? 0))
            }
        },
    ]

    private static let pops: [Family] = [
        .counter("ctid_pops_total", "Pops offered to a session; one that is passed on is offered again.") {
            $0.counters.popsOffered
        },
        .counter(
            "ctid_pop_outcomes_total",
            "What became of pops: a pop that is shown may be handled, too, and one may be blocked by several sessions.",
            by: "outcome", PopOutcome.allCases, \.counters.pops),
        .counter(
            "ctid_missed_total", "Calls shown as missed, by why.", by: "reason", CallFrame.MissedReason.allCases,
            \.counters.missed),
        .gauge("ctid_sessions", "Agents' sessions open now: pages and other clients.") {
            Double($0.screens.sessions)
        },
        .gauge("ctid_agents_present", "Agents with at least one session.") { Double($0.screens.agents) },
        .gauge("ctid_open_pops", "Pops that are neither handled nor dismissed, nor over with their call.") {
            Double($0.screens.pops)
        },
        .gauge("ctid_streams", "Streams open now: agents' sessions and boards.") { Double($0.streams) },
    ]

    private static let log: [Family] = [
        .counter("ctid_event_log_commits_total", "Commits of the event log.") { $0.counters.commits },
        .counter("ctid_event_log_failures_total", "Commits of the event log that failed; each is tried again.") {
            $0.counters.recordFailures
        },
        .gauge("ctid_event_log_waiting", "Entries that wait to be recorded.") { Double($0.waiting.toBeRecorded) },
        .gauge("ctid_lookup_waiting", "Call events that wait for a contact look-up, their own or another's.") {
            Double($0.waiting.forLookups)
        },
    ]
}
