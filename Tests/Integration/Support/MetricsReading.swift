import Foundation

/// What `/metrics` gives, read by prometheus-client's parser; see `Fixtures/peers/read_metrics.py`.
struct MetricsReading: Decodable {
    struct Sample: Decodable {
        var name: String
        var labels: [String: String]
        var value: String
    }

    struct Family: Decodable {
        var type: String
        var help: String
        var samples: [Sample]
    }

    var families: [String: Family]
    /// What that parser, or our own rules beyond it, find wrong.
    var faults: [String]

    static let python = "\(Repository.root)/.build/peers/judges/bin/python"
    static let isThere = FileManager.default.isExecutableFile(atPath: python)

    init(_ daemon: DaemonUnderTest) async throws { try await self.init(daemon.get("/metrics").body) }

    init(_ text: String) async throws {
        let script = "\(Repository.root)/Tests/Integration/Fixtures/peers/read_metrics.py"
        let outcome = try await Child(Self.python, [script], input: text).ended()
        guard outcome.status == 0 else { throw Unreadable(why: outcome.errors) }
        self = try JSONDecoder().decode(MetricsReading.self, from: Data(outcome.output.utf8))
    }

    struct Unreadable: Error { let why: String }

    /// The sum of those samples that have these labels, among others.
    func value(_ name: String, _ labels: [String: String] = [:], suffix: String = "") -> Double? {
        let values = families[name]?.samples.filter { sample in
            sample.name == name + suffix && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return values.flatMap { $0.isEmpty ? nil : $0.compactMap { Double($0.value) }.reduce(0, +) }
    }

    /// All samples of a family, by the values of some labels, without those that are 0.
    func counts(_ name: String, by labels: String...) -> [String: Double] {
        var counts: [String: Double] = [:]
        for sample in families[name]?.samples ?? [] {
            guard let value = Double(sample.value), value != 0 else { continue }
            counts[labels.map { sample.labels[$0] ?? "" }.joined(separator: " "), default: 0] += value
        }
        return counts
    }
}

enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
}
