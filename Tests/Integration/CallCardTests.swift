import Foundation
import Testing

private let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

/// What the agent's page and the board make of calls that leave, in a real Chromium.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
struct CallCardTests {
    private static let rules = """
          - name: Record
            on: [ringing, up]
            do: [ { open: { url: "http://127.0.0.1:1/{callRef}", mode: new_frame } } ]
          - name: Board
            on: [ringing, up, hangup, abandon]
            do: [ { realtime: { app: Sales, reference: "42", url: "https://crm.example" } } ]
        """

    private func withPage(
        _ body: @Sendable (DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        try await Acme.run(rules: Self.rules, more: "") { _, daemon in
            let token = try await daemon.token("acme", "1007")
            try await WebDriver.session { browser in
                try await browser.navigate(to: "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)")
                try await browser.wait(for: "#connection[data-state=connected]")
                try await body(daemon, browser)
            }
        }
    }

    /// In the `xcally` shape; an `abandon` names no agent.
    private func tell(_ event: String, _ ref: String = "c1", at agent: String? = "1007", to daemon: DaemonUnderTest)
        async throws
    {
        let who = agent.map { #""agentnum":"\#($0)","direction":"inbound","\#(event)":true,"# }
        let body =
            #"{"event":"\#(event)","queue":"Sales",\#(who ?? #""direction":"unmanaged","unmanaged":true,"#)"#
            + #""uniqueid":"\#(ref)","extension":"0117654321","callernum":"0821234567","holdtime":"7"}"#
        let token = try await daemon.token("acme", scope: "ingest")
        #expect(try await daemon.post("/v1/acme/events", body, token: token).status == 202)
    }

    @Test("a call that was passed on leaves the card, its record handled before or not; one that comes back is there")
    func transferred() async throws {
        try await withPage { daemon, browser in
            try await tell("up", to: daemon)
            try await browser.wait(for: "#current-call[data-state=up]")
            try await browser.wait(for: "[data-do=handled]")
            try await browser.click("[data-do=handled]")
            try await tell("up", at: "1008", to: daemon)
            try await browser.wait(for: "#current-call[data-state=none]")
            #expect(try await browser.text(of: "#history").contains("Transferred"))
            try await tell("up", to: daemon)
            try await browser.wait(for: "#current-call[data-state=up]")
            #expect(try await browser.count("#pops .pop") == 1)
            try await tell("up", at: "1008", to: daemon)
            try await browser.wait(for: "#current-call[data-state=none]")
            #expect(try await browser.count("#pops .pop") == 0)
        }
    }

    @Test("a call that somebody else answered leaves the card; of one that ended, the times stay")
    func endedElsewhere() async throws {
        try await withPage { daemon, browser in
            try await tell("ringing", to: daemon)
            try await browser.wait(for: "#current-call[data-state=ringing]")
            try await tell("up", at: "1008", to: daemon)
            try await browser.wait(for: "#current-call[data-state=none]")
            #expect(try await browser.text(of: "#history").contains("Answered elsewhere"))
            try await tell("up", "c2", to: daemon)
            try await browser.wait(for: "#current-call[data-state=up]")
            try await tell("hangup", "c2", to: daemon)
            try await browser.wait(for: "#current-call[data-state=ended]")
            let card = try await browser.text(of: "#current-call")
            #expect(card.contains("Waited\n7 s") && card.contains("Talked\n"))
        }
    }

    @Test("what nobody answered is missed once, and says so")
    func unanswered() async throws {
        try await withPage { daemon, browser in
            try await tell("ringing", to: daemon)
            try await browser.wait(for: "#current-call[data-state=ringing]")
            let said: String = try await browser.execute("return document.getElementById('announcer').textContent")
            #expect(said == "Ringing: 0821234567, Sales." || said.hasPrefix("Call from 0821234567"))
            try await tell("abandon", at: nil, to: daemon)
            try await browser.wait(for: "#missed li[data-reason=unanswered]")
            #expect(try await browser.text(of: "#missed").contains("Nobody answered"))
            #expect(try await browser.text(of: "#current-call").contains("Abandoned"))
        }
    }

    @Test("that nobody answered takes the place of what was listed of the call, whose record can still be opened")
    func replaced() async throws {
        try await withPage { _, browser in
            let listed: [String] = try await browser.execute(
                """
                const { AgentModel } = await import('/agent/agent-model.js');
                const model = new AgentModel('test');
                const data = (ref, reason, actions) => ({ id: ref, reason, actions, call: { ref } });
                model.miss(data('c1', 'offline', [{ kind: 'open' }]), '1');
                model.miss(data('c2', 'blocked', []), '2');
                model.miss(data('c1', 'unanswered', []), '3');
                model.miss(data('c1', 'unanswered', []), '3');
                return model.missed.map(({ key, reason, pop }) => `${key} ${reason} ${pop.actions.length}`);
                """)
            #expect(listed == ["3 unanswered 1", "2 blocked 0"])
        }
    }

    @Test("what is told late does not take a call back, and a gap in the stream makes no end of it")
    func late() async throws {
        try await withPage { _, browser in
            let events: [String] = try await browser.execute(
                """
                const { AgentModel } = await import('/agent/agent-model.js');
                const model = new AgentModel('test');
                const told = [];
                const tell = (event, endedAt = null) => {
                    model.call({ event, call: { ref: 'c1', endedAt } });
                    told.push(model.current.event);
                };
                for (const event of ['ringing', 'up', 'ringing']) tell(event);
                model.hello(false);
                told.push(String(model.current));
                tell('up');
                tell('hangup', '2026-11-21T10:00:00.000Z');
                tell('ringing', '2026-11-21T10:00:00.000Z');
                return told;
                """)
            #expect(events == ["ringing", "up", "up", "null", "up", "hangup", "hangup"])
        }
    }

    @Test("on the board a call ends with its hangup or abandon, and is with one agent alone")
    func board() async throws {
        try await withPage { daemon, browser in
            let token = try await daemon.token("acme", scope: "supervisor")
            try await browser.navigate(to: "\(daemon.base)/board/acme#token=\(token)")
            try await browser.wait(for: "#connection[data-state=connected]")
            for event in ["ringing", "up", "hangup"] { try await tell(event, to: daemon) }
            try await browser.wait(for: "#rows tr[data-event=hangup]")
            try await browser.wait(until: "it to be over") { try await $0.count("#calls-rows tr[data-key]") == 0 }
            try await tell("ringing", "c2", to: daemon)
            try await browser.wait(for: "#calls-rows tr[data-key=c2][data-state=ringing]")
            try await tell("abandon", "c2", at: nil, to: daemon)
            try await browser.wait(for: "#rows tr[data-event=abandon]")
            try await browser.wait(until: "it to be over") { try await $0.count("#calls-rows tr[data-key]") == 0 }
            for agent in ["1007", "1008"] { try await tell("up", "c3", at: agent, to: daemon) }
            try await browser.wait(for: "#agents-rows [data-agent='1008'][data-state=talking]")
            #expect(try await browser.count("#agents-rows [data-agent='1007'][data-state=talking]") == 0)
        }
    }

    @Test("in a narrow panel a long name leaves the timer in sight, and nothing scrolls sideways")
    func narrow() async throws {
        try await withPage { daemon, browser in
            try await tell("up", to: daemon)
            try await browser.wait(for: "#current-call[data-state=up]")
            for width in [320, 400] {
                try await browser.resize(width: width, height: 600)
                try await browser.click("#views [data-view=history]")
                let fits: Bool = try await browser.execute(
                    """
                    document.querySelector('#mini-call [data-name]').textContent = 'A long name '.repeat(20);
                    for (const badge of document.querySelectorAll('.badge')) {
                        badge.hidden = false;
                        badge.textContent = '12';
                    }
                    const tabs = [...document.querySelectorAll('#views button:not([hidden])')];
                    const timer = document.querySelector('#mini-call [data-timer]').getBoundingClientRect();
                    return timer.width > 0 && timer.right <= innerWidth && document.body.scrollWidth <= innerWidth
                        && document.documentElement.scrollWidth <= innerWidth
                        && tabs.every((tab) => tab.getBoundingClientRect().right <= innerWidth);
                    """)
                #expect(fits, "\(width)")
            }
        }
    }
}
