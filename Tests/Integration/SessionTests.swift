import Foundation
import Testing

private let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

/// `session` actions in a real Chromium: in a CRM page that opens them, by Microsoft's framework, and without either.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(if: hasChromium, "SKIPPED: Chromium and its driver are not installed here"))
struct SessionTests {
    private static let rules = """
          - name: Session
            on: [up]
            do:
              - session: { template: inbound_call, parameters: { customerName: "{contact.name|unknown}", ref: "{callRef}" } }
        """
    private static let plain =
        #"{"templateName":"inbound_call","templateParameters":{"customerName":"unknown","ref":"c1"}}"#

    private func withCRM(
        _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        let crm = try PageServer(pages: ["/": CRMPage.text])
        defer { crm.stop() }
        let page = "agent_page: { crm_origins: [ \"https://other.example\", \"\(crm.origin)\" ] }"
        try await Acme.run(rules: Self.rules, more: page) { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            try await WebDriver.session { browser in
                let agent = "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)"
                try await browser.navigate(to: "\(crm.origin)/#\(agent)")
                try await browser.switchTo(frame: "#agent")
                try await browser.wait(for: "#connection[data-state=connected]")
                try await body(redis, daemon, browser)
            }
        }
    }

    private func withPageAlone(
        _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        try await Acme.run(rules: Self.rules, more: "") { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            try await WebDriver.session { browser in
                try await browser.navigate(to: "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)")
                try await browser.wait(for: "#connection[data-state=connected]")
                try await body(redis, daemon, browser)
            }
        }
    }

    private func expectOutcome(_ outcome: String, of ref: String, _ daemon: DaemonUnderTest) async throws {
        try await eventually("the server to learn that it was \(outcome)") {
            try await daemon.call(ref).contains(#""outcome":"\#(outcome)""#)
        }
    }

    private func asked(_ browser: WebDriver) async throws -> [String] {
        try await browser.switchToTop()
        let asked: [String] = try await browser.execute("return asked.map(({ data }) => JSON.stringify(data))")
        try await browser.switchTo(frame: "#agent")
        return asked
    }

    @Test("the CRM around the page is asked, and its session counts as shown")
    func created() async throws {
        try await withCRM { redis, daemon, browser in
            try await redis.push(Acme.call("c1"))
            try await expectOutcome("shown", of: "c1", daemon)
            #expect(try await asked(browser) == [Self.plain])
            #expect(try await browser.attribute("data-result", of: ".session") == "session")
            let errors = try await browser.consoleErrors()
            #expect(errors.isEmpty, "\(errors)")
        }
    }

    @Test("a CRM that refuses, and one that says nothing, leave it blocked; a click tries again")
    func refused() async throws {
        try await withCRM { redis, daemon, browser in
            for (answer, words) in [("sessionRefused", "ten are open"), ("", "did not answer")] {
                let ref = "c-\(answer)"
                try await browser.switchToTop()
                try await browser.run("window.answer = arguments[0]", [answer])
                try await browser.switchTo(frame: "#agent")
                try await redis.push(Acme.call(ref))
                try await expectOutcome("blocked", of: ref, daemon)
                try await browser.wait(until: words) { try await $0.text(of: "#toast-detail").contains(words) }
                try await browser.switchToTop()
                try await browser.run("window.answer = 'sessionCreated'")
                try await browser.switchTo(frame: "#agent")
                try await browser.click("#toast-open")
                try await expectOutcome("shown", of: ref, daemon)
            }
        }
    }

    @Test("plugins change it in their order; one that is inactive, fails or takes too long changes nothing")
    func plugins() async throws {
        try await withCRM { redis, daemon, browser in
            try await browser.run(
                """
                const parameters = (context) => context.eventData.sessionParameters;
                window.ctidPlugins = [
                    { order: 3, active: true, async run(context) { parameters(context).customerName += ' third'; } },
                    { order: 1, active: true, run(context) {
                        parameters(context).customerName = [context.eventId, context.direction, context.callStarted,
                            context.phoneNumber, context.userId, context.crmUserId].join(' ');
                        context.eventData.sessionTemplateId = 'mine';
                    } },
                    { order: 2, active: false, run(context) { parameters(context).customerName = 'inactive'; } },
                    { order: 4, active: true, run(context) { parameters(context).customerName = 'bad'; throw new Error('no'); } },
                    { order: 5, active: true, run(context) {
                        parameters(context).customerName = 'slow';
                        return new Promise(() => {});
                    } },
                ];
                """)
            try await redis.push(Acme.call("c1"))
            try await eventually("the question") { try await !asked(browser).isEmpty }
            let name = "beforeCreateInboundCallSession 0 true 0821234567 1007 005 third"
            #expect(
                try await asked(browser) == [
                    #"{"templateName":"mine","templateParameters":{"customerName":"\#(name)","ref":"c1"}}"#
                ])
        }
    }

    @Test("Microsoft's framework is asked where it is there: first whether it can")
    func framework() async throws {
        try await withPageAlone { redis, daemon, browser in
            try await browser.run(
                """
                window.room = false;
                window.Microsoft = { CIFramework: {
                    async canCreateSession() { return window.room; },
                    async createSession(input) { window.created = JSON.stringify(input); return 's-1'; },
                } };
                """)
            try await redis.push(Acme.call("c0"))
            try await expectOutcome("blocked", of: "c0", daemon)
            try await browser.run("window.room = true")
            try await redis.push(Acme.call("c1"))
            try await expectOutcome("shown", of: "c1", daemon)
            let created: String = try await browser.execute("return window.created")
            #expect(created == Self.plain)
        }
    }

    @Test("a page around it that is no CRM of the tenant's is asked nothing")
    func stranger() async throws {
        try await withPageAlone { redis, daemon, browser in
            // The only other pages that may have it in a frame: those of its own origin.
            let token = try await daemon.token("acme", "1007")
            try await browser.navigate(to: "\(daemon.base)/agent/?tenant=nobody")
            try await browser.run(
                """
                window.heard = 0;
                addEventListener('message', () => window.heard++);
                const frame = document.createElement('iframe');
                frame.id = 'agent';
                frame.src = arguments[0];
                document.body.replaceChildren(frame);
                """, ["\(daemon.base)/agent/?tenant=acme&extension=1007&framed#token=\(token)"])
            try await browser.switchTo(frame: "#agent")
            try await browser.wait(for: "#connection[data-state=connected]")
            try await redis.push(Acme.call("c1"))
            try await expectOutcome("blocked", of: "c1", daemon)
            try await browser.switchToTop()
            let heard: Int = try await browser.execute("return window.heard")
            #expect(heard == 0)
        }
    }

    @Test("with nobody to open it, it is blocked, and the page says so")
    func alone() async throws {
        try await withPageAlone { redis, daemon, browser in
            try await redis.push(Acme.call("c1"))
            try await expectOutcome("blocked", of: "c1", daemon)
            try await browser.wait(until: "the words") {
                try await $0.text(of: "#toast-detail").contains("open the page in your CRM")
            }
        }
    }
}
