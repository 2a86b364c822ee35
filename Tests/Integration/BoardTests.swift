import Foundation
import Testing

private let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

/// The supervisor's board, in a real Chromium, of the built daemon with a real Redis.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
struct BoardTests {
    private static func tenant(_ redis: RedisServer, list: String = "inbound", more: String = "") -> String {
        """
        redis:
          url: "unix://\(redis.socket)?db=0"
          keys:
            inbound: enigma:notifications:\(list)
            cdr: enigma:notifications:\(list)-cdr
            agents: "enigma:notifications:\(list)-agents:*"
        queues: { "0117654321": Sales, "0117654322": Claims }
        rules:
          - name: Everybody's record
            on: [up]
            do:
              - open: { url: "https://crm.example/{callRef}", mode: new_frame }
              - realtime: { app: SalesCTI, reference: "42", url: "https://crm.example/{callRef}" }
        \(more)
        """
    }

    private static let agents = """
        agents:
          - { extension: "1007", name: John Doe }
          - { extension: "1008", name: Jane Roe }
        """

    private func withBoard(
        _ more: String = Self.agents, fragment: String = "",
        _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        try await Acme.run { redis, daemon in
            let token = try await daemon.token("acme", scope: "supervisor")
            try await WebDriver.session(size: (1440, 1000)) { browser in
                try await browser.navigate(to: "\(daemon.base)/board/acme#token=\(token)\(fragment)")
                try await browser.wait(for: "body[data-state=live][data-connection=connected]")
                try await body(redis, daemon, browser)
                #expect(try await browser.consoleErrors().filter { !$0.contains("net::") } == [])
            }
        } file: {
            Self.tenant($0, more: more)
        }
    }

    private func call(
        _ ref: String, agent: String = "1007", number: String = "0821234567", dialed: String = "0117654321"
    )
        -> String
    {
        #"{"type":"call","payload":{"number":"\#(number)","dial_number":"\#(dialed)","hold_time":12,"#
            + #""call_ref":"\#(ref)","contact_ref":"","call_dir":"inbound","ref":"\#(agent)"}}"#
    }

    private func publish(_ status: String, of agent: String, _ redis: RedisServer) async throws {
        let payload = #"{"status":"\#(status)","campaign_ref":"7","ref":"\#(agent)"}"#
        try await redis.run(
            "PUBLISH", "enigma:notifications:inbound-agents:\(agent)", #"{"type":"status","payload":\#(payload)}"#)
    }

    private func row(_ agent: String, _ state: String) -> String {
        "#agents-rows [data-agent='\(agent)'][data-state=\(state)]"
    }

    // MARK: What is shown

    @Test("calls come and go; queues, agents, missed calls and dead letters follow")
    func life() async throws {
        try await withBoard { redis, daemon, browser in
            for agent in ["1007", "1008"] { try await browser.wait(for: row(agent, "unknown")) }
            // What is published while nobody listens is lost.
            try await daemon.shows(#"ctid_redis_up{tenant="acme",list="agents"} 1"#)
            try await publish("available", of: "1008", redis)
            try await browser.wait(for: row("1008", "available"))
            try await redis.push(call("c1"))
            try await browser.wait(for: "#calls-rows tr[data-key=c1][data-state=up][data-queue=Sales]")
            try await browser.wait(for: row("1007", "talking"))
            let shown = try await browser.text(of: "#calls-rows")
            #expect(shown.contains("0821234567") && shown.contains("John Doe 1007"))
            #expect(try await browser.text(of: "#rows").contains("SalesCTI"))
            let queue = try await browser.text(of: "#queues-rows [data-queue=Sales]")
            #expect(queue.contains("1/1") && queue.contains("12 s") && queue.contains("100 %"))
            // Nobody was logged in, so no screen was taken.
            #expect(try await browser.text(of: "[data-tile=missed]").contains("nobody logged in"))
            try await browser.click("#tab-missed")
            #expect(try await browser.text(of: "#missed-rows").contains("Nobody logged in"))
            try await redis.push(Acme.record("c1"), to: "enigma:notifications:inbound-cdr")
            try await browser.wait(until: "the call to end") { try await $0.count("#calls-rows tr[data-key]") == 0 }
            try await publish("wrapup", of: "1007", redis)
            try await browser.wait(for: row("1007", "wrapup"))
            try await redis.push(#"{"type":"call","payload":{"number":"0820000000"}}"#)
            try await browser.wait(
                forScript: "document.querySelector('#announcer').textContent === '1 new dead letters.'")
            try await browser.click("#tab-dead")
            let letters = try await browser.text(of: "#dead-rows")
            #expect(letters.contains("missing-field") && !letters.contains("0820000000"))
        }
    }

    @Test("an agent's open page, and what becomes of a pop, are shown")
    func pops() async throws {
        try await withBoard { redis, daemon, browser in
            let stream = try await daemon.stream(agent: "1007")
            try await browser.wait(for: row("1007", "online"))
            try await redis.push(call("c1"))
            try await stream.event("pop")
            let tile = "document.querySelector('#agents-rows [data-agent=\"1007\"]').cells[5].textContent === '1'"
            try await browser.wait(forScript: tile)
            let data = try #require(stream.events.last { $0.name == "pop" }?.data)
            let pop = try #require(try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])
            let id = try #require(pop["id"] as? String)
            let token = try await daemon.token("acme", "1007")
            let ack = #"{"id":"\#(id)","outcome":"handled"}"#
            #expect(try await daemon.post("/v1/acme/agents/1007/acks", ack, token: token).status == 204)
            try await browser.wait(
                forScript: "document.querySelector('[data-tile=handled] strong').textContent === '100 %'")
            #expect(try await browser.text(of: "#pops [data-outcome=handled]").contains("1"))
        }
    }

    @Test("who opens the board later is shown what there is, also in JSON")
    func later() async throws {
        try await withBoard { redis, daemon, browser in
            try await redis.push(call("c1"))
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            try await browser.reload()
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            let token = try await daemon.token("acme", scope: "supervisor")
            let answer = try await daemon.get("/v1/acme/board?once", token: token)
            #expect(answer.status == 200 && answer.body.contains(#""key":"c1""#))
        }
    }

    // MARK: Filters and keys

    @Test("filters are in the address, which never holds the token; a bookmark brings them back")
    func filters() async throws {
        try await withBoard(fragment: "&queue=Claims") { redis, _, browser in
            try await redis.push(call("c1"))
            try await redis.push(call("c2", agent: "1008", number: "0839999999", dialed: "0117654322"))
            try await browser.wait(for: "#calls-rows tr[data-key=c2]")
            #expect(try await browser.count("#calls-rows tr[data-key=c1]") == 0)
            #expect(try await browser.currentURL().hasSuffix("/board/acme#queue=Claims"))
            #expect(try await browser.count("#rows tr[data-key]") == 1)
            try await browser.click("#filter-clear")
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            try await browser.type("/", into: "body")
            #expect(try await browser.execute("return document.activeElement.id") == "filter-text")
            try await browser.type("jane", into: "#filter-text")
            try await browser.wait(until: "one call") { try await $0.count("#calls-rows tr[data-key]") == 1 }
            #expect(try await browser.count("#agents-rows tr[data-key]") == 1)
            #expect(try await browser.currentURL().hasSuffix("#q=jane"))
            try await browser.reload()
            try await browser.wait(for: "#calls-rows tr[data-key=c2]")
            #expect(try await browser.count("#calls-rows tr[data-key]") == 1)
            try await browser.type("\u{E00C}", into: "#filter-text")
            try await browser.click("[data-group=busy]")
            try await browser.wait(until: "both") { try await $0.count("#agents-rows tr[data-key]") == 2 }
            try await browser.click("[data-group=wrapup]")
            try await browser.wait(until: "nobody") { try await $0.count("#agents-rows tr[data-key]") == 0 }
        }
    }

    @Test("everything is reached with the keyboard, in the order in which it is seen; tables say how they are sorted")
    func keyboard() async throws {
        try await withBoard { redis, _, browser in
            try await redis.push(call("c1"))
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            var stops: [String] = []
            try await browser.type("\u{E004}", into: "#theme")
            for _ in 0..<40 where stops.last != "pause" {
                let name = """
                    const at = document.activeElement;
                    return at.id || at.dataset.group || at.closest('th')?.dataset.column || at.getAttribute('role');
                    """
                stops.append(try await browser.execute(name))
                try await browser.run("return document.activeElement.dataset.stop = 'here'")
                try await browser.type("\u{E004}", into: "[data-stop]")
                try await browser.run("return document.querySelector('[data-stop]').removeAttribute('data-stop')")
            }
            #expect(
                stops.starts(with: [
                    "available", "busy", "wrapup", "offline", "filter-text", "filter-queue", "filter-agent",
                ]))
            #expect(stops.contains("tab-events") && stops.contains("pause") && !stops.contains("tab-missed"))
            try await browser.type("\u{E014}", into: "#tab-events")
            #expect(try await browser.execute("return document.activeElement.id") == "tab-missed")
            try await browser.wait(until: "its list") { try await $0.isDisplayed("#missed-panel") }
            #expect(try await browser.attribute("aria-sort", of: "#agents th[data-column=name]") == "ascending")
            try await browser.type("\u{E007}", into: "#agents th[data-column=extension] button")
            try await browser.type("\u{E007}", into: "#agents th[data-column=extension] button")
            #expect(try await browser.attribute("aria-sort", of: "#agents th[data-column=extension]") == "descending")
            #expect(try await browser.attribute("aria-sort", of: "#agents th[data-column=name]") == nil)
            let first: String = try await browser.execute(
                "return document.querySelector('#agents-rows tr[data-key]').dataset.key")
            #expect(first == "1008")
            let unnamed: Int = try await browser.execute(
                """
                return [...document.querySelectorAll('table')].filter((table) => !table.caption
                    || [...table.querySelectorAll('th')].some((cell) => !cell.scope)).length;
                """)
            #expect(unnamed == 0)
        }
    }

    @Test("light and dark are chosen, kept, and both are legible")
    func themes() async throws {
        try await withBoard { redis, _, browser in
            try await redis.push(call("c1"))
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            for theme in ["light", "dark"] {
                try await browser.click("#theme")
                #expect(try await browser.attribute("data-theme", of: "html") == theme)
                try await browser.reload()
                try await browser.wait(for: "#calls-rows tr[data-key=c1]")
                #expect(try await browser.attribute("data-theme", of: "html") == theme)
                let faint: [String] = try await browser.execute(Self.faintTexts)
                #expect(faint == [], "\(theme)")
            }
        }
    }

    /// Texts in sight whose contrast to what is behind them is below 4.5.
    private static let faintTexts = """
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const ground = (node) => {
            for (; node; node = node.parentElement) {
                const colour = parse(getComputedStyle(node).backgroundColor);
                if (colour.length < 4 || colour[3] > 0) return colour;
            }
            return [255, 255, 255];
        };
        const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const faint = [];
        for (let text = texts.nextNode(); text; text = texts.nextNode()) {
            const node = text.parentElement;
            if (!text.data.trim() || !node.checkVisibility() || node.closest('.aside, .skip, script, noscript')) continue;
            const [one, other] = [light(parse(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
            if ((one + 0.05) / (other + 0.05) < 4.5) faint.push(text.data);
        }
        return faint;
        """

    // MARK: Trouble

    @Test("a lost daemon shows, and all is there again when it is back")
    func promptlyIsThereAgain() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // It comes back to where it was.
        try DaemonUnderTest.configure(
            ["acme": Self.tenant(redis, more: Self.agents)], listen: "127.0.0.1:\(FreePort.any())", in: folder)
        let first = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await loseAndFind(first, redis)) } catch { outcome = .failure(error) }
        _ = await first.stop(SIGKILL)
        await redis.stop()
        try outcome.get()
    }

    private func loseAndFind(_ first: DaemonUnderTest, _ redis: RedisServer) async throws {
        let token = try await first.token("acme", scope: "supervisor")
        try await WebDriver.session(size: (1440, 1000)) { browser in
            try await browser.navigate(to: "\(first.base)/board/acme#token=\(token)")
            try await redis.push(call("c1"))
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            _ = await first.stop(SIGKILL)
            try await browser.wait(for: "body[data-connection=connecting]")
            #expect(try await browser.text(of: "#connection").contains("Reconnecting"))
            let said: String = try await browser.execute("return document.querySelector('#announcer').textContent")
            #expect(said.contains("lost"))
            #expect(try await browser.count("#calls-rows tr[data-key=c1]") == 1, "what was known stays, and is dimmed")
            let second = try await DaemonUnderTest(folder: first.folder)
            let outcome: Result<Void, any Error>
            do {
                try await redis.push(call("c2", agent: "1008"))
                try await browser.wait(for: "#calls-rows tr[data-key=c2]", within: .seconds(20))
                try await browser.wait(for: "body[data-connection=connected]")
                #expect(try await browser.count("#calls-rows tr[data-key=c1]") == 1)
                #expect(try await browser.text(of: "#queues-rows [data-queue=Sales]").contains("2/2"))
                outcome = .success(())
            } catch { outcome = .failure(error) }
            _ = await second.stop(SIGKILL)
            try outcome.get()
        }
    }

    @Test("a Redis that is gone is said; the board is not merely empty")
    func lostRedis() async throws {
        try await withBoard { redis, _, browser in
            #expect(try await !browser.isDisplayed("#trouble"))
            await redis.kill()
            try await browser.wait(until: "it to be said") { try await $0.isDisplayed("#trouble") }
            #expect(try await browser.text(of: "#trouble").hasPrefix("Since "))
            try await redis.restart()
            try await browser.wait(until: "it to be over") { try await !$0.isDisplayed("#trouble") }
        }
    }

    // MARK: Who may see what

    @Test("numbers that agents may not see are masked on the board, too")
    func masked() async throws {
        try await withBoard(Self.agents + "\nagent_page: { mask_numbers: true }") { redis, daemon, browser in
            try await redis.push(call("c1"))
            try await browser.wait(for: "#calls-rows tr[data-key=c1]")
            #expect(try await browser.text(of: "#calls-rows").contains("********67"))
            try await browser.wait(for: "#missed-panel[hidden]")
            let token = try await daemon.token("acme", scope: "supervisor")
            try await eventually("the missed call") {
                let body = try await daemon.get("/v1/acme/board?once", token: token).body
                #expect(!body.contains("821234567"))
                return body.contains(#""reason":"offline","caller":"********67""#)
            }
        }
    }

    @Test("an agent's token shows nothing, and none says so")
    func access() async throws {
        try await withBoard { _, daemon, browser in
            let agent = try await daemon.token("acme", "1007")
            #expect(try await daemon.get("/v1/acme/board", token: agent).status == 403)
            try await browser.navigate(to: "about:blank")
            try await browser.navigate(to: "\(daemon.base)/board/acme#token=\(agent)")
            try await browser.wait(for: "body[data-connection=refused]")
            #expect(try await browser.text(of: "#problem").contains("does not include this board"))
            #expect(try await browser.consoleErrors().allSatisfy { $0.contains("403") })
        }
    }

    @Test("a tenant's board shows nothing of another tenant")
    func isolation() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(
            ["acme": Self.tenant(redis), "other": Self.tenant(redis, list: "other")], in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let token = try await daemon.token("acme", scope: "supervisor")
        let outcome: Result<Void, any Error>
        do {
            #expect(try await daemon.get("/v1/other/board?once", token: token).status == 403)
            try await redis.push(call("theirs"), to: "enigma:notifications:other")
            try await redis.push(call("ours"))
            try await eventually("ours") {
                try await daemon.get("/v1/acme/board?once", token: token).body.contains(#""key":"ours""#)
            }
            let their = try await daemon.token("other", scope: "supervisor")
            try await eventually("theirs") {
                try await daemon.get("/v1/other/board?once", token: their).body.contains(#""key":"theirs""#)
            }
            #expect(try await !daemon.get("/v1/acme/board?once", token: token).body.contains("theirs"))
            outcome = .success(())
        } catch { outcome = .failure(error) }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        try outcome.get()
    }
}
