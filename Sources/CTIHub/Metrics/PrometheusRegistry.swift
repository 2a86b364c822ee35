public import CoreMetrics
import Synchronization

/// What libraries record through swift-metrics, for `/metrics`: a backend for `MetricsSystem.bootstrap`.
///
///     Hummingbird ── Counter, Timer … ──▶ PrometheusRegistry ◀── samples ── MetricsRoutes
///
/// The daemon's own figures are not here: they are values of their owners, who count them without a lock.
///
/// Dimensions become labels. A family holds ``most`` series; what comes beyond is recorded nowhere, and counted: a library
/// that made a label of what a client sent would fill the memory.
public final class PrometheusRegistry: MetricsFactory {
    struct Family {
        let kind: PrometheusText.Kind
        var series: [[String]: any PrometheusSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var dropped = 0
    }

    /// Series a family.
    public static let most = 1000

    private let state = Mutex(State())

    public init() {}

    /// Series that found no room.
    var dropped: Int { state.withLock { $0.dropped } }

    func write(to text: inout PrometheusText) {
        let families = state.withLock { $0.families }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let series = family.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            text.family(
                name, family.kind, LibraryFamilies.help(of: name), series.flatMap { $0.value.samples })
        }
    }

    /// The same instance for the same name and dimensions, however often it is asked for.
    private func series<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusText.Kind, suffix: String = "",
        _ make: ([(name: String, value: String)]) -> Series
    ) -> Series {
        let name = Self.sanitized(label) + suffix
        let labels = dimensions.map { (name: Self.sanitized($0.0), value: $0.1) }.sorted { $0.name < $1.name }
        let key = labels.flatMap { [$0.name, $0.value] }
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if let known = family.series[key] as? Series { return known }
            let series = make(labels)
            guard family.kind == kind, family.series[key] == nil, family.series.count < Self.most else {
                state.dropped += 1
                return series
            }
            family.series[key] = series
            state.families[name] = family
            return series
        }
    }

    private func destroy(_ series: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let key = family.series.first(where: { $0.value === series })?.key else { continue }
                state.families[name]?.series[key] = nil
                if state.families[name]?.series.isEmpty == true { state.families[name] = nil }
            }
        }
    }

    /// As Prometheus wants names: letters, digits and underscores.
    private static func sanitized(_ label: String) -> String {
        let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber == true ? "_" + name : name
    }
}

// MARK: What swift-metrics asks for

extension PrometheusRegistry {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter, suffix: "_total") { CounterSeries(labels: $0) }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter, suffix: "_total") { FloatingPointCounterSeries(labels: $0) }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { GaugeSeries(labels: $0) }
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { GaugeSeries(labels: $0) } }
        return series(label, dimensions, .summary) { SummarySeries(labels: $0) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram, suffix: "_seconds") { TimingsSeries(labels: $0) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }
}

/// Those that we know, in our words.
enum LibraryFamilies {
    static let help = [
        "hb_requests_total": "HTTP requests by their route, method and status.",
        "hb_request_errors_total": "HTTP requests that ended in an error no middleware answered.",
        "http_server_request_duration_seconds":
            "From an HTTP request's head to the end of its answer: of a stream that is as long as it was open.",
        "http_server_active_requests": "HTTP requests that are being answered, open streams among them.",
    ]

    static func help(of name: String) -> String { help[name] ?? "Recorded by a library." }
}
