import Foundation
import Testing

private let hasChromium = ["chromium", "chromedriver"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
}

extension EndToEnd {
    /// The agent's page in a real Chromium whose popup blocker is on.
    @Suite(.serialized, .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
    struct BrowserTests {
        private func withPage(
            _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
        ) async throws {
            let records = try RecordServer()
            defer { records.stop() }
            let address = "http://127.0.0.1:\(records.port)/record"
            let tenants: @Sendable (String) -> [String: String] = {
                ["acme": TenantText(socket: $0, records: address).yaml]
            }
            try await DaemonUnderTest.running(tenants) { daemon, redis in
                let token = try await daemon.token(extension: "1007", scope: "agent")
                let page = await daemon.url("/agent/?tenant=acme&extension=1007#token=\(token)")
                try await WebDriver.session { browser in
                    try await browser.navigate(to: page)
                    try await browser.wait(for: "#connection[data-state=connected]")
                    try await body(redis, daemon, browser)
                }
            }
        }

        /// What the page told the server of a pop, so far.
        private func wait(for outcomes: [String], _ ref: String, _ daemon: DaemonUnderTest) async throws {
            try await eventually("\(outcomes) of \(ref)") { try await daemon.acknowledgements(ref) == outcomes }
        }

        @Test func aFrameOpensInThePage() async throws {
            try await withPage { redis, daemon, browser in
                try await redis.push(Notification(ref: "c1"))
                try await browser.wait(for: "#frame-stage iframe")
                #expect(try await browser.text(of: "#current-call").contains("0821234567"))
                try await browser.switchTo(frame: "#frame-stage iframe")
                try await browser.wait(for: "#record")
                #expect(try await browser.text(of: "#record") == "/record/c1?number=%2B27821234567")
                try await wait(for: ["shown"], "c1", daemon)
                #expect(try await browser.windows().count == 1)
            }
        }

        /// Once prepared by a click, one window is good for call after call.
        @Test func aPreparedWindowIsSteered() async throws {
            try await withPage { redis, daemon, browser in
                let page = try await browser.currentWindow()
                try await browser.click("#prepare-window")
                try await browser.wait(until: "the record window") { try await $0.windows().count == 2 }
                let window = try #require(try await browser.windows().first { $0 != page })
                for ref in ["c1", "c2"] {
                    try await browser.switchTo(window: page)
                    try await redis.push(Notification(dialNumber: TenantText.windowQueue, ref: ref))
                    try await wait(for: ["shown"], ref, daemon)
                    try await browser.switchTo(window: window)
                    try await browser.wait(
                        forScript: "document.querySelector('#record')?.textContent === '/record/\(ref)'")
                }
                #expect(try await browser.windows().count == 2)
            }
        }

        /// The blocker has its way; the agent and the server are told; a click does what a script may not.
        @Test func aRefusedTabIsAToastToClick() async throws {
            try await withPage { redis, daemon, browser in
                let page = try await browser.currentWindow()
                try await redis.push(Notification(dialNumber: TenantText.tabQueue, ref: "c1"))
                try await browser.wait(until: "the toast") { try await $0.isDisplayed("#toast") }
                #expect(try await browser.windows().count == 1)
                try await wait(for: ["blocked"], "c1", daemon)
                try await browser.click("#toast-open")
                try await browser.wait(until: "a tab") { try await $0.windows().count == 2 }
                try await wait(for: ["blocked", "shown"], "c1", daemon)
                #expect(try await !browser.isDisplayed("#toast"))
                let tab = try #require(try await browser.windows().first { $0 != page })
                try await browser.switchTo(window: tab)
                try await browser.wait(for: "#record")
                #expect(try await browser.text(of: "#record") == "/record/c1")
            }
        }

        @Test func theBoardShowsWhatRulesSendToIt() async throws {
            try await withPage { redis, daemon, browser in
                let token = try await daemon.token()
                try await browser.navigate(to: daemon.url("/board/acme#token=\(token)"))
                try await browser.wait(for: "#connection[data-state=connected]")
                try await redis.push(Notification(ref: "c1"))
                try await browser.wait(for: "#rows tr[data-event=up]")
                #expect(try await browser.text(of: "#rows").contains("1007"))
            }
        }
    }
}
