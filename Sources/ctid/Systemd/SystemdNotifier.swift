import Dispatch
import Foundation

/// Tells systemd how the daemon is, by datagrams to `$NOTIFY_SOCKET`; see sd_notify(3). No library is needed for it.
///
/// Without that variable nobody listens, and everything here does nothing.
struct SystemdNotifier: Sendable {
    /// What systemd asks for by `WatchdogSec=`; `nil` where it does not.
    let watchdog: Duration?
    private let address: NotifyAddress?

    var isHeard: Bool { address != nil }

    init(environment: [String: String], process: Int32 = getpid()) {
        address = environment["NOTIFY_SOCKET"].flatMap { NotifyAddress($0) }
        watchdog = Self.watchdog(environment, process)
    }

    /// The environment's, which it is taken out of: it is meant for this process, not for any that this one starts.
    ///
    /// To be called before there are threads, since others could be reading the environment.
    static func takeFromEnvironment() -> SystemdNotifier {
        var environment: [String: String] = [:]
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            guard let value = getenv(name) else { continue }
            environment[name] = String(cString: value)
            unsetenv(name)
        }
        return SystemdNotifier(environment: environment)
    }

    /// For this process or, where no process is named, for whichever it is.
    private static func watchdog(_ environment: [String: String], _ process: Int32) -> Duration? {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0 else {
            return nil
        }
        if let named = environment["WATCHDOG_PID"], Int32(named) != process { return nil }
        return .microseconds(microseconds)
    }

    // MARK: What is told

    /// It serves; also at the end of a reload. `status` is what `systemctl status` shows.
    func ready(status: String? = nil) { send(["READY=1"] + Self.line(status)) }

    /// A reload begins; ``ready(status:)`` ends it.
    func reloading() {
        // Its uptime is CLOCK_MONOTONIC, which systemd asks for.
        send(["RELOADING=1", "MONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1000)"])
    }

    func stopping() { send(["STOPPING=1", "STATUS=stopping"]) }

    func status(_ status: String) { send(Self.line(status)) }

    func feedWatchdog() { send(["WATCHDOG=1"]) }

    /// A line each: what follows a line's end would be another word to systemd.
    private static func line(_ status: String?) -> [String] {
        status.map { ["STATUS=\($0.replacing("\n", with: " "))"] } ?? []
    }

    /// What cannot be sent is not known there; systemd does then what it does to a service that is silent.
    private func send(_ lines: [String]) { address?.send(Array(lines.joined(separator: "\n").utf8)) }
}
