import Foundation
import Testing

private let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

/// The agent's page in a real Chromium whose popup blocker is on.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
struct BrowserTests {
    private func withPage(
        mode: String, _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        let records = try RecordServer()
        defer { records.stop() }
        let url = "http://127.0.0.1:\(records.port)/record/{callRef}"
        try await Acme.run(url: url, mode: mode) { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            try await WebDriver.session { browser in
                try await browser.navigate(to: "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)")
                try await browser.wait(for: "#connection[data-state=connected]")
                try await body(redis, daemon, browser)
            }
        }
    }

    /// What the server has recorded of a call.
    private func record(of ref: String, _ daemon: DaemonUnderTest) async throws -> String {
        let token = try await daemon.token("acme", scope: "supervisor")
        return try await daemon.get("/v1/acme/calls/\(ref)", token: token).body
    }

    @Test("new_frame opens the record in the page")
    func frame() async throws {
        try await withPage(mode: "new_frame") { redis, daemon, browser in
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#frames iframe")
            #expect(try await browser.text(of: "#current-call").contains("0821234567"))
            try await browser.switchTo(frame: "#frames iframe")
            try await browser.wait(for: "#record")
            #expect(try await browser.text(of: "#record") == "/record/c1")
            try await eventually("the server to learn that it was shown") {
                try await record(of: "c1", daemon).contains(#""outcome":"shown""#)
            }
        }
    }

    @Test("window steers the named window that was prepared by a click, call after call")
    func window() async throws {
        try await withPage(mode: "window") { redis, daemon, browser in
            let page = try await browser.currentWindow()
            try await browser.click("#prepare-window")
            try await browser.wait(until: "the record window") { try await $0.windows().count == 2 }
            let window = try #require(try await browser.windows().first { $0 != page })
            for ref in ["c1", "c2"] {
                try await browser.switchTo(window: page)
                try await redis.push(Acme.call(ref))
                try await eventually("the server to learn that it was shown") {
                    try await record(of: ref, daemon).contains(#""outcome":"shown""#)
                }
                try await browser.switchTo(window: window)
                try await browser.wait(for: "#record")
                try await browser.wait(until: "the record") { try await $0.text(of: "#record") == "/record/\(ref)" }
            }
            #expect(try await browser.windows().count == 2)
        }
    }

    @Test("new_tab refused by the popup blocker shows the toast, and the server learns it; a click opens the record")
    func toast() async throws {
        try await withPage(mode: "new_tab") { redis, daemon, browser in
            let page = try await browser.currentWindow()
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#toast-open")
            try await browser.wait(until: "the toast") { try await $0.isDisplayed("#toast") }
            #expect(try await browser.windows().count == 1)
            try await eventually("the server to learn that it was blocked") {
                try await record(of: "c1", daemon).contains(#""outcome":"blocked""#)
            }
            try await browser.click("#toast-open")
            try await browser.wait(until: "a tab") { try await $0.windows().count == 2 }
            let tab = try #require(try await browser.windows().first { $0 != page })
            try await browser.switchTo(window: tab)
            try await browser.wait(for: "#record")
            try await eventually("the server to learn that it was shown") {
                try await record(of: "c1", daemon).contains(#""outcome":"shown""#)
            }
        }
    }

    @Test("the board shows what the rules send to it")
    func board() async throws {
        try await withPage(mode: "new_frame") { redis, daemon, browser in
            let token = try await daemon.token("acme", scope: "supervisor")
            try await browser.navigate(to: "\(daemon.base)/board/acme#token=\(token)")
            try await browser.wait(for: "#connection[data-state=connected]")
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#rows tr[data-event=up]")
            #expect(try await browser.text(of: "#rows").contains("1007"))
        }
    }
}
