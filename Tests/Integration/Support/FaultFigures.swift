import Foundation

/// How often things are broken, and what came of it: `CTID_FAULT_ROUNDS`, `CTID_FAULT_RUNS`.
enum FaultFigures {
    /// Daemons killed at a random moment.
    static let killRounds = number("CTID_FAULT_ROUNDS") ?? 20
    /// Faults in a row that one process lives through.
    static let soakRuns = number("CTID_FAULT_RUNS") ?? 10

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// A line for whoever reads the log of a test run.
    static func tell(_ line: String) { FileHandle.standardOutput.write(Data("fault: \(line)\n".utf8)) }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    /// `1.25 s`
    var text: String { String(format: "%.2f s", seconds) }
}

/// What a running process holds, as the kernel counts it.
struct ProcessFigures: CustomStringConvertible {
    let threads: Int
    let descriptors: Int
    /// Bytes.
    let resident: Int
    /// Of a processor, since its start.
    let processorTime: Duration

    init(pid: Int32) throws {
        let manager = FileManager.default
        threads = try manager.contentsOfDirectory(atPath: "/proc/\(pid)/task").count
        descriptors = try manager.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
        let pages = try String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8).split(separator: " ")
        resident = (Int(pages[1]) ?? 0) * Int(getpagesize())
        let fields = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8).split(separator: ")").last
        let ticks = (fields ?? "").split(separator: " ").dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +)
        processorTime = .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }

    var megabytes: Double { Double(resident) / 1_048_576 }
    var description: String {
        "\(threads) threads, \(descriptors) descriptors, \(String(format: "%.1f", megabytes)) MiB"
    }
}
