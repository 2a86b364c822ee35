import Foundation
import Testing

private let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

/// The softphone in the agent's page, and the numbers that one may click, in a real Chromium.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
struct SoftphoneTests {
    private func withSoftphone(
        more: String = "", _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        let softphone = try PageServer(pages: ["/": SoftphonePage.text])
        defer { softphone.stop() }
        let page = "agent_page: { softphone_url: \"\(softphone.origin)/\" }\n\(more)"
        try await Acme.run(more: page) { redis, daemon in
            try await Self.withPage(daemon) { browser in
                try await browser.wait(forScript: "ctid.softphone?.loads")
                try await body(redis, daemon, browser)
            }
        }
    }

    private static func withPage(
        _ daemon: DaemonUnderTest, _ body: @Sendable (WebDriver) async throws -> Void
    ) async throws {
        let token = try await daemon.token("acme", "1007")
        try await WebDriver.session { browser in
            try await browser.navigate(to: "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)")
            try await browser.wait(for: "#connection[data-state=connected]")
            try await body(browser)
        }
    }

    private func say(_ names: String..., in browser: WebDriver) async throws {
        try await browser.switchTo(frame: "iframe[name=sf]")
        for name in names {
            try await browser.wait(for: "#\(name)")
            try await browser.click("#\(name)")
        }
        try await browser.switchToTop()
    }

    @Test("it stands in a frame as its vendor wants it, and the page shows whose it is")
    func frame() async throws {
        try await withSoftphone { _, _, browser in
            #expect(try await browser.attribute("width", of: "iframe[name=sf]") == "320")
            #expect(try await browser.attribute("height", of: "iframe[name=sf]") == "460")
            #expect(try await browser.attribute("allow", of: "iframe[name=sf]") == "camera *; microphone *")
            #expect(try await browser.text(of: "#agent-name") == "John Doe")
            #expect(try await browser.isDisplayed("#softphone"))
            let errors = try await browser.consoleErrors()
            #expect(errors.isEmpty, "\(errors)")
        }
    }

    @Test("in a narrow panel it has a view of its own; folded away it goes on, and a call unfolds it")
    func narrow() async throws {
        try await withSoftphone { _, _, browser in
            try await browser.resize(width: 400, height: 700)
            try await browser.wait(for: "#pane-phone[inert]")
            try await browser.click("#view-phone")
            try await browser.wait(for: "#pane-phone:not([inert])")
            let fits: Bool = try await browser.execute("return document.documentElement.scrollWidth <= 400")
            #expect(fits)
            try await browser.click("#fold-softphone")
            try await browser.wait(for: "#softphone[inert]")
            let height: Int = try await browser.execute("return document.getElementById('softphone').offsetHeight")
            #expect(height <= 1)
            // Were it loaded anew or not there, nobody would answer that it is calling.
            try await browser.type("0117654321\u{E007}", into: "#dial-number")
            try await browser.wait(for: "#view-phone[data-phone=calling]")
            try await browser.wait(for: "#softphone:not([inert])")
        }
    }

    @Test("out of sight behind another view, it still tells of its calls")
    func outOfSight() async throws {
        try await withSoftphone { redis, _, browser in
            try await browser.resize(width: 400, height: 700)
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#current-call button.dial")
            try await browser.click("#views [data-view=call]")
            try await browser.click("#current-call button.dial")
            try await browser.wait(forScript: "ctid.softphone.taken === 1")
            #expect(try await browser.attribute("data-view", of: "body") == "call")
        }
    }

    @Test("its events become the agent's call, under the agent's own extension")
    func events() async throws {
        try await withSoftphone { _, daemon, browser in
            for (name, event) in [("ringing", "ringing"), ("accepted", "up"), ("terminated", "hangup")] {
                try await say(name, in: browser)
                try await eventually("the server to record the \(event)") {
                    try await daemon.call("p1").contains("\"event\":\"\(event)\"")
                }
            }
            try await browser.wait(for: "#current-call[data-state=ended]")
            #expect(try await browser.text(of: "#current-call").contains("+27821234567"))
            #expect(try await daemon.call("p1").contains(#""extension":"1007""#))
            #expect(try await !daemon.calls().contains(#""extension":"200""#))
        }
    }

    @Test("each event is posted, in order; other messages are not")
    func posted() async throws {
        try await withSoftphone { _, _, browser in
            try await say("logged", "odd", "ringing", "accepted", "terminated", in: browser)
            try await browser.wait(forScript: "ctid.phone.posted + ctid.phone.refused === 3")
            let counted: [Int] = try await browser.execute("return [ctid.softphone.taken, ctid.softphone.ignored]")
            #expect(counted == [3, 2])
        }
    }

    @Test("what no server hears is told again, once there is one")
    func offline() async throws {
        try await withSoftphone { _, _, browser in
            try await browser.setOffline(true)
            try await say("terminated", in: browser)
            try await browser.wait(forScript: "ctid.phone.retries > 0")
            try await browser.setOffline(false)
            try await browser.wait(forScript: "ctid.phone.posted + ctid.phone.refused === 1")
        }
    }

    /// With a clock that is set by hand: nobody waits a minute.
    @Test("a ringing is worth telling for 10 s, an end for a minute, and one waits for the other")
    func worthTelling() async throws {
        try await withSoftphone { _, _, browser in
            let told: [String] = try await browser.execute(
                """
                const { PhoneQueue } = await import('/agent/agent-phone-queue.js');
                let now = 0;
                const told = [], lost = {};
                const queue = new PhoneQueue(async (text) => {
                    const { type, data } = JSON.parse(text);
                    const key = type + data.id;
                    if ((lost[key] ??= data.lost) > 0) { lost[key]--; now += data.takes; return 503; }
                    told.push(key);
                    return 202;
                }, () => now);
                queue.add({ type: 'phone:ringing', data: { id: '1', lost: 1, takes: 10000 } });
                queue.add({ type: 'phone:terminated', data: { id: '1', lost: 1, takes: 49000 } });
                queue.add({ type: 'phone:terminated', data: { id: '2', lost: 9, takes: 61000 } });
                while (queue.counters.posted + queue.counters.dropped < 3) await new Promise((go) => setTimeout(go, 5));
                queue.add({ type: 'phone:ringing', data: { id: '3', lost: 0 } });
                while (queue.counters.posted < 2) await new Promise((go) => setTimeout(go, 5));
                return [...told, queue.counters.dropped + ' dropped'];
                """)
            #expect(told == ["phone:terminated1", "phone:ringing3", "2 dropped"])
        }
    }

    @Test(
        "a message that cannot be written, or is too large, does not hold up the others; a refused token is waited out")
    func oddMessages() async throws {
        try await withSoftphone { _, _, browser in
            let told: [String] = try await browser.execute(
                """
                const { PhoneQueue } = await import('/agent/agent-phone-queue.js');
                const told = [], statuses = [401, 202];
                const queue = new PhoneQueue(async (text) => {
                    told.push(JSON.parse(text).data.id);
                    return statuses.shift();
                });
                const itself = { id: '1' };
                itself.self = itself;
                queue.add({ type: 'phone:ringing', data: itself });
                queue.add({ type: 'phone:ringing', data: { id: '2', more: 'x'.repeat(60000) } });
                queue.add({ type: 'phone:ringing', data: { id: '3', count: 1n } });
                queue.add({ type: 'phone:ringing', data: { id: '4' } });
                while (queue.counters.posted < 1) await new Promise((go) => setTimeout(go, 5));
                return [...told, queue.counters.refused + ' refused'];
                """)
            #expect(told == ["4", "4", "3 refused"])
        }
    }

    @Test("what another page posts is ignored, whatever it says")
    func forged() async throws {
        let softphone = try PageServer(pages: ["/": SoftphonePage.text])
        let crm = try PageServer(pages: ["/": CRMPage.text])
        defer { for server in [softphone, crm] { server.stop() } }
        let page =
            "agent_page: { softphone_url: \"\(softphone.origin)/\", crm_origins: [ \"\(crm.origin)\" ] }"
        try await Acme.run(more: page) { _, daemon in
            let token = try await daemon.token("acme", "1007")
            try await WebDriver.session { browser in
                let agent = "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)"
                try await browser.navigate(to: "\(crm.origin)/#\(agent)")
                try await browser.switchTo(frame: "#agent")
                try await browser.wait(for: "iframe[name=sf]")
                try await browser.switchToTop()
                try await browser.run("forge({ type: 'phone:ringing', data: { id: 'forged' } })")
                try await browser.switchTo(frame: "#agent")
                try await browser.wait(forScript: "ctid.softphone.ignored === 1")
                let posts: Int = try await browser.execute("return ctid.phone.posted + ctid.phone.refused")
                #expect(posts == 0)
            }
            #expect(try await !daemon.calls().contains("forged"))
        }
    }

    @Test("a number is handed to the softphone, for its origin alone")
    func dialsBySoftphone() async throws {
        try await withSoftphone { redis, daemon, browser in
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#current-call button.dial")
            #expect(try await browser.text(of: "#current-call button.dial") == "0821234567")
            try await browser.click("#current-call button.dial")
            try await browser.switchTo(frame: "iframe[name=sf]")
            let said = #"\#(daemon.base) {"type":"click2call","data":{"number":"+27821234567"}}"#
            try await browser.wait(until: "the number") { try await $0.text(of: "#told") == said }
        }
    }

    @Test("with a PBX to dial by, the number goes there, and what comes of it is said")
    func dialsByPBX() async throws {
        let pbx = try PageServer(["/calls": .init(status: 200), "/down": .init(status: 500)])
        defer { pbx.stop() }
        for (path, words) in [("/calls", "Your telephone will ring"), ("/down", "HTTP status 500")] {
            let more = "click2dial: { url: \"\(pbx.origin)\(path)\", outbound_id: \"27117654321\" }"
            try await Acme.run(more: more) { redis, daemon in
                try await Self.withPage(daemon) { browser in
                    try await browser.wait(until: "the field") { try await $0.isDisplayed("#dial-number") }
                    try await browser.type("0117654321\u{E007}", into: "#dial-number")
                    try await browser.wait(until: words) { try await $0.text(of: "#dial-status").contains(words) }
                    #expect(try await !browser.exists("iframe[name=sf]"))
                }
            }
        }
        #expect(pbx.requests.map(\.path) == ["/calls", "/down"])
        #expect(pbx.requests.map { $0["agent"] } == ["1007", "1007"])
    }

    @Test("a missed call's number is a button, too; without a way to dial it is text, and so is a masked one")
    func missed() async throws {
        for (more, buttons) in [
            ("click2dial: { url: \"http://127.0.0.1:1/\", outbound_id: \"27117654321\" }", 1), ("", 0),
            (
                "agent_page: { mask_numbers: true }\n"
                    + "click2dial: { url: \"http://127.0.0.1:1/\", outbound_id: \"27117654321\" }", 0
            ),
        ] {
            try await Acme.run(more: more) { redis, daemon in
                try await redis.push(Acme.call("c1"))
                try await eventually("the call to be recorded") { try await daemon.calls().contains(#""c1""#) }
                try await Self.withPage(daemon) { browser in
                    try await browser.wait(for: "#missed li")
                    try await browser.wait(until: "the settings") { try await $0.text(of: "#agent-name") == "John Doe" }
                    #expect(try await browser.count("#missed button.dial") == buttons)
                }
            }
        }
    }
}
