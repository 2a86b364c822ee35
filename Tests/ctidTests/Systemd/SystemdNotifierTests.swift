import Foundation
import TestReceivers
import Testing

@testable import ctid

/// What systemd is told, and how it is found.
@Suite(.timeLimit(.minutes(1)))
struct SystemdNotifierTests {
    @Test(arguments: ["/tmp/ctid-notify-", "@ctid-notify-"])
    func `a socket is found by its path and by its abstract name`(prefix: String) async throws {
        let receiver = try NotifyReceiver(prefix + UUID().uuidString)
        defer { receiver.stop() }
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": receiver.name])
        #expect(notifier.isHeard)
        notifier.ready(status: "3 of 4\ntenants ready")
        notifier.status("stuck")
        notifier.feedWatchdog()
        notifier.stopping()
        while receiver.datagrams.count < 4 { await Task.yield() }
        #expect(
            receiver.datagrams == [
                "READY=1\nSTATUS=3 of 4 tenants ready", "STATUS=stuck", "WATCHDOG=1", "STOPPING=1\nSTATUS=stopping",
            ])
    }

    @Test func `a reload is dated by the monotonic clock`() async throws {
        let receiver = try NotifyReceiver("@ctid-notify-\(UUID().uuidString)")
        defer { receiver.stop() }
        let before = Int(ProcessInfo.processInfo.systemUptime)
        SystemdNotifier(environment: ["NOTIFY_SOCKET": receiver.name]).reloading()
        while receiver.datagrams.isEmpty { await Task.yield() }
        #expect(receiver.lines.first == "RELOADING=1")
        let stamp = try #require(receiver.lines.last?.split(separator: "=").last.flatMap { Int($0) })
        #expect(receiver.lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect((0..<60_000_000).contains(stamp - before * 1_000_000))
    }

    @Test(arguments: [
        nil, "", "/", "@", "relative", "vsock:2:1234", "/nowhere/\(String(repeating: "x", count: 100))",
        "/tmp/nobody-listens-here",
    ])
    func `nobody is told where nobody listens`(socket: String?) {
        let notifier = SystemdNotifier(environment: socket.map { ["NOTIFY_SOCKET": $0] } ?? [:])
        #expect(notifier.isHeard == (socket == "/tmp/nobody-listens-here"))
        notifier.ready()
    }

    @Test(
        arguments: [
            ([:], nil),
            (["WATCHDOG_USEC": "30000000"], .seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "17"], .seconds(30)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "18"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "soon"], nil),
        ] as [([String: String], Duration?)])
    func `the watchdog is the named process's`(environment: [String: String], expected: Duration?) {
        #expect(SystemdNotifier(environment: environment, process: 17).watchdog == expected)
    }
}
