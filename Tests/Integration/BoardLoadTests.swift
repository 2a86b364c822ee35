import Foundation
import Testing

private let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

/// A thousand agents on one board, and two hundred calls a second: what the page makes of it.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
struct BoardLoadTests {
    private static let agents = 1000

    private static func tenant(_ redis: RedisServer) -> String {
        let agents = (0..<agents).map { #"  - { extension: "\#(2000 + $0)", name: Agent Number \#($0) }"# }
        return """
            redis: { url: "unix://\(redis.socket)?db=0" }
            queues: { "0117654321": Sales, "0117654322": Claims }
            rules:
              - name: Board
                on: [up]
                do: [ { realtime: { app: SalesCTI, reference: "42", url: "https://crm.example/{callRef}" } } ]
            agents:
            \(agents.joined(separator: "\n"))
            """
    }

    private struct Figures: Decodable, Sendable {
        /// Milliseconds.
        var worstGap, longTasks: Double
        var longTaskCount, frames, rows, nodes: Int
    }

    @Test("a thousand agents and two hundred calls a second leave the page fluent and small")
    func burst() async throws {
        try await Acme.run { redis, daemon in
            let token = try await daemon.token("acme", scope: "supervisor")
            try await WebDriver.session(size: (1440, 1000)) { browser in
                try await browser.navigate(to: "\(daemon.base)/board/acme#token=\(token)")
                try await browser.wait(forScript: "window.ctid?.data.tables.agents.size === \(Self.agents)")
                try await browser.run(Self.watch)
                try await push(to: redis)
                try await browser.wait(forScript: "ctid.data.tables.calls.size === 1000", within: .seconds(20))
                try await browser.wait(forScript: "ctid.feed.count === 500")
                try await browser.wait(
                    forScript: "document.querySelector('[data-group=busy] strong').textContent === '1000'")
                let figures: Figures = try await browser.execute(Self.tell)
                print(
                    """
                    board, 1,000 agents, 200 calls a second for 5 s: worst frame gap \(Int(figures.worstGap)) ms, \
                    \(figures.longTaskCount) long tasks of \(Int(figures.longTasks)) ms in all, \(figures.frames) frames, \
                    \(figures.rows) rows and \(figures.nodes) elements in the page
                    """)
                #expect(figures.rows < 200, "only rows in sight are in the page")
                // The last agent of the list is reached by scrolling.
                try await browser.run("return document.querySelector('#agents').parentElement.scrollTop = 1e6")
                try await browser.wait(for: "#agents-rows [data-agent='2999'][data-state=talking]")
                #expect(try await browser.attribute("aria-rowcount", of: "#agents") == "1001")
            }
        } file: {
            Self.tenant($0)
        }
    }

    /// Twenty at a time, ten times a second.
    private func push(to redis: RedisServer) async throws {
        let start = ContinuousClock.now
        for batch in 0..<50 {
            try await eventually("the next batch's time") {
                ContinuousClock.now - start >= .milliseconds(100 * batch)
            }
            let calls = (0..<20).map { index in
                let number = batch * 20 + index
                return #"{"type":"call","payload":{"number":"08212\#(10000 + number)","dial_number":"011765432"#
                    + #"\#(1 + number % 2)","hold_time":\#(number % 30),"call_ref":"c\#(number)","contact_ref":"","#
                    + #""call_dir":"inbound","ref":"\#(2000 + number)"}}"#
            }
            try await redis.run((["RPUSH", "enigma:notifications:inbound"] + calls).map { Array($0.utf8) })
        }
    }

    private static let watch = """
        const figures = window.figures = { worstGap: 0, longTasks: 0, longTaskCount: 0, frames: 0 };
        new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) { figures.longTasks += duration; figures.longTaskCount++; }
        }).observe({ entryTypes: ['longtask'] });
        let last = performance.now();
        const frame = (now) => {
            figures.worstGap = Math.max(figures.worstGap, now - last);
            figures.frames++;
            last = now;
            requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
        """

    private static let tell = """
        return { ...figures, rows: document.querySelectorAll('.scroller tbody tr').length,
            nodes: document.querySelectorAll('*').length };
        """
}
