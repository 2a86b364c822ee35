import Foundation
import Testing

/// Several contacts have the caller's number: the agent, or a plugin of the page, says who it is, and the record opens.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ChoiceTests {
    private static let chromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")
    private static let people = "id,name,phone\n17,Ada,0821234567\n18,Bob,0821234567\n19,Cyd,0827654321\n"
    private static let hangup =
        #"{"event":"hangup","queue":"Sales","agentnum":"1007","direction":"inbound","hangup":true,"#
        + #""uniqueid":"c1","extension":"0117654321","callernum":"0821234567","holdtime":"12"}"#
    private static let url = "http://127.0.0.1:1/c/{contact.id}?n={caller}"

    private func run(
        url: String = Self.url, more: String = "", _ body: (RedisServer, DaemonUnderTest) async throws -> Void
    ) async throws {
        try await Acme.run(
            delivery: "at-least-once", url: url,
            more: "region: ZA\n" + (more.isEmpty ? "" : more + "\n") + "contacts: { files: [] }"
        ) { redis, daemon in
            #expect(try await daemon.put(Self.people, type: "text/csv").status == 200)
            try await body(redis, daemon)
        }
    }

    private func choose(
        _ contact: String, of pop: String, as agent: String = "1007", at daemon: DaemonUnderTest
    ) async throws -> UInt {
        let token = try await daemon.token("acme", agent)
        let body = #"{"id":"\#(pop)","contact":\#(contact)}"#
        return try await daemon.post("/v1/acme/agents/1007/contact", body, token: token).status
    }

    @Test("nothing opens before the choice; then the record of the one who was chosen, also in what comes later")
    func chosen() async throws {
        try await run { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            let board = try await daemon.realtime()
            try await redis.push(Acme.call("c1"))
            let asking = try await stream.event("pop", ref: "c1")
            let pop = try #require(asking["id"])
            #expect(asking.data.contains(#""contact":null,"matches":[{"id":"17","#))
            #expect(asking.data.contains(#""actions":[]"#))
            #expect(try await explain("c1", daemon).contains("Asked for: who of the 2 is calling."))
            #expect(try await choose(#"{"id":"99"}"#, of: pop, at: daemon) == 422)
            #expect(try await choose(#"{"id":""}"#, of: pop, at: daemon) == 422)
            #expect(try await choose(#"{"id":"18"}"#, of: "no-such", at: daemon) == 404)
            #expect(try await choose(#"{"id":"18"}"#, of: pop, as: "1008", at: daemon) == 403)
            // What a page says of a contact that is known here does not count.
            #expect(try await choose(#"{"id":"18","name":"Mallory"}"#, of: pop, at: daemon) == 204)
            #expect(try await stream.event("clear", ref: "c1")["reason"] == "handled")
            let record = try await self.record(of: "c1", after: pop, stream)
            #expect(record["contact.name"] == "Bob")
            #expect(record.data.contains(#""url":"http://127.0.0.1:1/c/18?n=0821234567""#))
            #expect(try await choose(#"{"id":"17"}"#, of: pop, at: daemon) == 404)
            #expect(board.events.count { $0.name == "RealtimeCTI" } == 1, "told to the board once, with the call")
            let story = try await explain("c1", daemon)
            #expect(story.contains("Contact: 2 match, so it is for the agent to choose: Ada"))
            #expect(story.contains("The agent said who is calling."))
            #expect(story.contains(", whom the agent chose."), "\(story)")
            let token = try await daemon.token("acme", scope: "ingest")
            #expect(try await daemon.post("/v1/acme/events", Self.hangup, token: token).status == 202)
            let last = try await event("hangup", of: "c1", stream)
            #expect(last["contact.name"] == "Bob")
        }
    }

    @Test("the choice outlives a killed daemon, masked numbers too, and the record has the number itself")
    func restarted() async throws {
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let more = "region: ZA\nagent_page: { mask_numbers: true }\ncontacts: { files: [ people.csv ] }"
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis, url: Self.url, more: more)], in: folder)
        try Self.people.write(toFile: "\(folder)/tenants/people.csv", atomically: true, encoding: .utf8)
        let first = try await DaemonUnderTest(folder: folder)
        let stream = try await first.stream(agent: "1007")
        try await redis.push(Acme.call("c1"))
        let pop = try #require(try await stream.event("pop", ref: "c1")["id"])
        #expect(try await choose(#"{"id":"17"}"#, of: pop, at: first) == 204)
        let record = try await self.record(of: "c1", after: pop, stream)
        #expect(record.data.contains(#""url":"http://127.0.0.1:1/c/17?n=0821234567""#))
        #expect(!record.data.replacing("n=0821234567", with: "").contains("0821234567"))
        _ = await first.stop(SIGKILL)
        let second = try await DaemonUnderTest(folder: folder)
        let again = try await second.stream(agent: "1007")
        let token = try await second.token("acme", scope: "ingest")
        #expect(try await second.post("/v1/acme/events", Self.hangup, token: token).status == 202)
        #expect(try await event("hangup", of: "c1", again)["contact.name"] == "Ada")
        _ = await second.stop(SIGKILL)
        await redis.stop()
    }

    @Test("a rule that says what stands there without a contact opens at once, and may be asked again")
    func fallback() async throws {
        try await run(url: "http://127.0.0.1:1/c/{contact.id|search}") { redis, daemon in
            let stream = try await daemon.stream(agent: "1007")
            try await redis.push(Acme.call("c1"))
            let first = try await stream.event("pop", ref: "c1")
            #expect(first.data.contains("http://127.0.0.1:1/c/search"))
            let pop = try #require(first["id"])
            #expect(try await choose(#"{"id":"18"}"#, of: pop, at: daemon) == 204)
            let record = try await self.record(of: "c1", after: pop, stream)
            #expect(record.data.contains("http://127.0.0.1:1/c/18"))
        }
    }

    @Test(
        "in a browser: the table asks, a click opens the record",
        .enabled(if: chromium, "SKIPPED: Chromium and its driver are not installed here"))
    func clicked() async throws {
        try await withPage { redis, daemon, browser in
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#pops .who tr[data-id='18'] button")
            #expect(try await browser.text(of: "#pops .who caption") == "Who is calling?")
            #expect(try await browser.count("#pops .who tbody tr") == 2)
            #expect(try await browser.count("#frame-stage iframe") == 0)
            #expect(try await daemon.call("c1").contains("\"outcome\":\"shown\""))
            try await browser.click("#pops .who tr[data-id='18'] button")
            try await browser.wait(for: "#frame-stage iframe[src^='http://127.0.0.1:1/c/18']")
            try await browser.wait(forScript: "document.querySelector('#current-call .caller').textContent === 'Bob'")
            #expect(try await browser.count("#pops .who") == 0)
            #expect(try await browser.count("#pops .pop") == 1)
        }
    }

    @Test(
        "in a browser: plugins name columns, fill and hide rows; what does not fit is skipped; one row is the caller",
        .enabled(if: chromium, "SKIPPED: Chromium and its driver are not installed here"))
    func plugins() async throws {
        try await withPage { redis, daemon, browser in
            try await browser.run(
                """
                window.ctidPlugins = [
                    { order: 1, run({ eventId, phoneNumber, customerSearchResults: results }) {
                        results.setColumnHeaders(['City', 'Told']);
                        results.setRowData('17', 'Ada of Durban', ['Durban', `${eventId} ${phoneNumber}`]);
                        results.addRow('20', 'Dee', 'lead', ['Ulundi', '']);
                        results.hideRow('18');
                    } },
                    { order: 2, run({ customerSearchResults: results }) {
                        results.hideRow('17');
                        results.setRowData('20', 'X', []);
                    } },
                ];
                """)
            try await redis.push(Acme.call("c1"))
            try await browser.wait(for: "#pops .who tr[data-id='20']")
            let table = try await browser.text(of: "#pops .who table")
            #expect(
                table.contains("Contact City Told") && table.contains("Ada of Durban Durban call-answered 0821234567"))
            #expect(try await browser.count("#pops .who tr[data-id='18']") == 0)
            try await browser.click("#pops .who tr[data-id='20'] button")
            try await browser.wait(for: "#frame-stage iframe[src^='http://127.0.0.1:1/c/20']")
            try await browser.run(
                "window.ctidPlugins = [{ run: ({ customerSearchResults }) => customerSearchResults?.hideRow('17') }];")
            try await redis.push(Acme.call("c2"))
            try await browser.wait(for: "#frame-stage iframe[src^='http://127.0.0.1:1/c/18']")
            #expect(try await browser.count("#pops .who") == 0)
        }
    }

    private func withPage(
        _ body: (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        try await run { redis, daemon in
            let token = try await daemon.token("acme", "1007")
            let browser = try await WebDriver.launch()
            do {
                try await browser.navigate(to: "\(daemon.base)/agent/?tenant=acme&extension=1007#token=\(token)")
                try await browser.wait(for: "#connection[data-state=connected]")
                try await body(redis, daemon, browser)
            } catch {
                await browser.quit()
                throw error
            }
            await browser.quit()
        }
    }

    /// The first `call` of that event.
    private func event(
        _ kind: String, of ref: String, _ stream: EventStreamClient
    ) async throws -> EventStreamClient.Event {
        try await first(stream) { $0.name == "call" && $0["call.ref"] == ref && $0["event"] == kind }
    }

    /// The pop that comes after the one that asked.
    private func record(
        of ref: String, after asking: String, _ stream: EventStreamClient
    ) async throws -> EventStreamClient.Event {
        try await first(stream) { $0.name == "pop" && $0["call.ref"] == ref && $0["id"] != asking }
    }

    private func first(
        _ stream: EventStreamClient, _ isMeant: @Sendable (EventStreamClient.Event) -> Bool
    ) async throws -> EventStreamClient.Event {
        try await eventually("an event") { stream.events.contains(where: isMeant) }
        let found = stream.events.first(where: isMeant)
        return try #require(found)
    }

    private func explain(_ ref: String, _ daemon: DaemonUnderTest) async throws -> String {
        try await Child.run("explain", ref, "--tenant", "acme", "--config", daemon.folder).output
    }
}
