import Foundation
import Testing

private let isReady =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver") && SocketPeer.isBrowserClientThere

/// The official client, in a page of another origin, in a real Chromium.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(
        if: isReady, "SKIPPED: Chromium is not installed here, or Tools/peers.sh has not fetched socket.io's client"))
struct SocketIOBrowserTests {
    private func withPage(
        crmOrigin: String? = nil, _ options: @escaping @Sendable (String) -> [String: Any],
        _ body: @Sendable (RedisServer, DaemonUnderTest, WebDriver) async throws -> Void
    ) async throws {
        let page = try SocketIOPage.server()
        defer { page.stop() }
        let more = "agent_page: { crm_origins: [ \"\(crmOrigin ?? page.origin)\" ] }"
        let redis = try await RedisServer()
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let listen = "127.0.0.1:\(try FreePort.any())"
        try DaemonUnderTest.configure(["acme": Acme.tenant(redis, more: more)], listen: listen, in: folder)
        let daemon = try await DaemonUnderTest(folder: folder)
        let outcome: Result<Void, any Error>
        do {
            let address = try SocketIOPage.address(
                page, daemon.base, options(try await daemon.token("acme", "1007")))
            outcome = .success(
                try await WebDriver.session { browser in
                    try await browser.navigate(to: address)
                    try await body(redis, daemon, browser)
                })
        } catch {
            outcome = .failure(error)
        }
        _ = await daemon.stop(SIGKILL)
        await redis.stop()
        try outcome.get()
    }

    @Test("It polls, upgrades to a WebSocket, and acknowledges a pop")
    func upgrade() async throws {
        try await withPage {
            ["auth": ["token": $0]]
        } _: { redis, daemon, browser in
            try await browser.wait(forScript: "names().includes('hello')")
            try await browser.wait(forScript: "transport() === 'websocket'")
            try await redis.push(Acme.call("c1"))
            try await browser.wait(forScript: "names().includes('clear')")
            try await eventually("the server to learn that it was handled") {
                try await daemon.call("c1").contains(#""outcome":"handled""#)
            }
            let answer: String = try await browser.execute(
                "return await socket.emitWithAck('state', 'hidden').then(JSON.stringify)")
            #expect(answer == #"{"ok":true}"#)
            #expect(try await browser.execute("return names().join()") == "connect,hello,call,pop,clear")
        }
    }

    @Test("Polling alone does, too")
    func polling() async throws {
        try await withPage {
            ["auth": ["token": $0], "transports": ["polling"]]
        } _: { redis, daemon, browser in
            try await browser.wait(forScript: "names().includes('hello')")
            for number in 1...30 { try await redis.push(Acme.call("c\(number)")) }
            try await browser.wait(forScript: "refs().length === 30")
            #expect(
                try await browser.execute("return refs().join()") == (1...30).map { "c\($0)" }.joined(separator: ","))
            #expect(try await browser.execute("return transport()") == "polling")
        }
    }

    @Test("After the daemon was killed it comes back, recovered, and is told what it missed")
    func recovery() async throws {
        try await withPage {
            ["auth": ["token": $0, "recover": true]]
        } _: { redis, daemon, browser in
            try await browser.wait(forScript: "transport() === 'websocket' && names().includes('hello')")
            try await redis.push(Acme.call("c1"))
            try await browser.wait(forScript: "names().includes('clear')")
            _ = await daemon.stop(SIGKILL)
            try await browser.wait(forScript: "names().includes('disconnect')")
            for number in 2...20 { try await redis.push(Acme.call("c\(number)")) }
            let second = try await DaemonUnderTest(folder: daemon.folder)
            let outcome: Result<Void, any Error>
            do {
                try await browser.wait(forScript: "refs().length === 20", within: .seconds(20))
                #expect(
                    try await browser.execute("return refs().join()")
                        == (1...20).map { "c\($0)" }.joined(separator: ","))
                #expect(try await browser.execute("return socket.recovered"))
                let connects: [Bool] = try await browser.execute(
                    "return seen.filter((each) => each.name === 'connect').map((each) => each.recovered)")
                #expect(connects == [false, true])
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            _ = await second.stop(SIGKILL)
            try outcome.get()
        }
    }

    @Test("A page of somebody else may not poll, and needs a token all the same")
    func otherOrigins() async throws {
        try await withPage(crmOrigin: "https://other.example") { _ in
            ["reconnection": false]
        } _: { _, daemon, browser in
            try await browser.wait(forScript: "names().includes('error')")
            #expect(try await browser.execute("return seen[0].message") == "xhr poll error")
            // In one go: the answer may be there before another script is.
            try await browser.run(
                """
                socket.disconnect()
                window.other = io(url, { transports: ["websocket"], forceNew: true })
                other.on("connect_error", (error) => { window.refused = error })
                """)
            try await browser.wait(forScript: "window.refused")
            #expect(try await browser.execute("return refused.message") == "An access token is needed.")
            #expect(try await browser.execute("return refused.data.status") == 401)
        }
    }
}
