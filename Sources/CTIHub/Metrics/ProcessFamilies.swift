import Foundation

/// The process itself, by the names that Prometheus's own libraries use. What the kernel does not tell is left out.
enum ProcessFamilies {
    static func write(to text: inout PrometheusText) {
        func family(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: Double?) {
            text.family("process_\(name)", kind, help, value.map { [.init(value: $0)] } ?? [])
        }
        let told = ProcessStatus()
        family(
            "cpu_seconds_total", .counter, "Processor time of the process, in user mode and in the kernel.",
            told?.cpuSeconds)
        family("resident_memory_bytes", .gauge, "Memory of the process that is in RAM.", told?.residentBytes)
        family("virtual_memory_bytes", .gauge, "Addresses that the process has reserved.", told?.virtualBytes)
        family("start_time_seconds", .gauge, "When the process was started, since 1970.", told?.startedAt)
        family("open_fds", .gauge, "Open file descriptors: a connection each, and files.", openDescriptors)
        family("max_fds", .gauge, "So many file descriptors may be open.", mostDescriptors)
    }

    private static var openDescriptors: Double? {
        // The one that this is read by is none of ours.
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count - 1) }
    }

    private static var mostDescriptors: Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }
}

/// What `/proc/self/stat` tells.
private struct ProcessStatus {
    let cpuSeconds: Double
    let residentBytes: Double
    let virtualBytes: Double
    let startedAt: Double?

    init?() {
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        // From the third field on: a program's name may hold anything.
        let fields = text[end...].split(separator: " ").dropFirst().map { Double($0) }
        guard fields.count > 21, let user = fields[11], let system = fields[12], let start = fields[19],
            let size = fields[20], let pages = fields[21]
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        cpuSeconds = (user + system) / ticks
        virtualBytes = size
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
        startedAt = Self.bootTime + start / ticks
    }

    /// By the clocks: a sandbox shows no more of /proc than the process itself.
    private static let bootTime: Double = {
        let clock = ContinuousClock()
        return Date().timeIntervalSince1970 - (clock.systemEpoch.duration(to: clock.now) / .seconds(1))
    }()
}
