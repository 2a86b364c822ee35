/// Writes metrics in Prometheus's text format, version 0.0.4.
///
/// A family's lines must stand together, below its `HELP` and `TYPE`: so it is written whole.
struct PrometheusText {
    enum Kind: String { case counter, gauge, histogram, summary }

    struct Sample {
        /// Behind the family's name, as a histogram's `_count`.
        var suffix = ""
        var labels: [(name: String, value: String)] = []
        var value: Double
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// A family without samples is left out.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += "\(name)\(sample.suffix)\(Self.written(sample.labels)) \(Self.written(sample.value))\n"
        }
    }

    private static func written(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
    }

    /// Whole numbers without a fraction, so that counters read well.
    private static func written(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += #"\\"#
            case "\n": escaped += #"\n"#
            case "\"" where quotes: escaped += #"\""#
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
