import CTICore
import CTIPipeline
import CoreMetrics
import Synchronization

/// One series that a library records.
protocol PrometheusSeries: AnyObject, Sendable {
    var samples: [PrometheusText.Sample] { get }
}

final class CounterSeries: PrometheusSeries, CounterHandler {
    private let labels: [(name: String, value: String)]
    private let value = Atomic<Int64>(0)

    init(labels: [(name: String, value: String)]) { self.labels = labels }

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    var samples: [PrometheusText.Sample] { [.init(labels: labels, value: Double(value.load(ordering: .relaxed)))] }
}

final class FloatingPointCounterSeries: PrometheusSeries, FloatingPointCounterHandler {
    private let labels: [(name: String, value: String)]
    private let value = Mutex(0.0)

    init(labels: [(name: String, value: String)]) { self.labels = labels }

    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }

    var samples: [PrometheusText.Sample] { [.init(labels: labels, value: value.withLock { $0 })] }
}

/// The last value; of a recorder that does not aggregate, too.
final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
    private let labels: [(name: String, value: String)]
    private let value = Mutex(0.0)

    init(labels: [(name: String, value: String)]) { self.labels = labels }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    var samples: [PrometheusText.Sample] { [.init(labels: labels, value: value.withLock { $0 })] }
}

/// Of values in a unit that nobody told: how many, and their sum.
final class SummarySeries: PrometheusSeries, RecorderHandler {
    private let labels: [(name: String, value: String)]
    private let state = Mutex((count: 0, sum: 0.0))

    init(labels: [(name: String, value: String)]) { self.labels = labels }

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { state.withLock { $0 = ($0.count + 1, $0.sum + value) } }

    var samples: [PrometheusText.Sample] {
        let (count, sum) = state.withLock { $0 }
        return [
            .init(suffix: "_sum", labels: labels, value: sum),
            .init(suffix: "_count", labels: labels, value: Double(count)),
        ]
    }
}

final class TimingsSeries: PrometheusSeries, TimerHandler {
    private let labels: [(name: String, value: String)]
    private let timings = Mutex(Timings())

    init(labels: [(name: String, value: String)]) { self.labels = labels }

    func recordNanoseconds(_ duration: Int64) { timings.withLock { $0.add(.nanoseconds(duration)) } }

    var samples: [PrometheusText.Sample] { timings.withLock { $0 }.samples(labels) }
}

extension Timings {
    /// Each bucket holds those below it, too.
    func samples(_ labels: [(name: String, value: String)]) -> [PrometheusText.Sample] {
        var total = 0
        var samples: [PrometheusText.Sample] = []
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
            samples.append(.init(suffix: "_bucket", labels: labels + [("le", bound)], value: Double(total)))
        }
        samples.append(.init(suffix: "_sum", labels: labels, value: sum))
        samples.append(.init(suffix: "_count", labels: labels, value: Double(total)))
        return samples
    }
}
