import Foundation

/// What went wrong: the code is W3C WebDriver's own ("no such element"), or `timeout`, `no answer`, `not started`.
struct WebDriverError: Error, CustomStringConvertible {
    let code: String
    let message: String
    var description: String { "\(code): \(message)" }
}

/// A headless Chromium with its popup blocker on, driven over W3C WebDriver.
///
/// Both drivers there are switch the blocker off by default; a test of pops with it off would prove nothing.
///
///     try await WebDriver.session { browser in
///         try await browser.navigate(to: "http://127.0.0.1:8080/agent/?tenant=demo&extension=1001#token=…")
///         try await browser.wait(for: "#connection[data-state=connected]")
///         try await browser.click("#prepare-window")
///     }
///
/// Elements are named by CSS selectors and looked up for each command, so that none goes stale when a page redraws.
actor WebDriver {
    private let driver: ChromeDriver
    /// The session's path, without a slash at the end.
    private let session: String

    private init(driver: ChromeDriver, session: String) {
        self.driver = driver
        self.session = session
    }

    // MARK: - Beginning and end

    /// Runs `body` with a browser of its own, which is gone afterwards, also when `body` throws.
    static func session<Result: Sendable>(
        popupBlocker: Bool = true, size: (width: Int, height: Int) = (1200, 800),
        _ body: (WebDriver) async throws -> Result
    ) async throws -> Result {
        let browser = try await launch(popupBlocker: popupBlocker, size: size)
        do {
            let result = try await body(browser)
            await browser.quit()
            return result
        } catch {
            await browser.quit()
            throw error
        }
    }

    /// Starts a driver and a browser. Whoever calls it calls ``quit()``; ``session(popupBlocker:size:_:)`` does both.
    static func launch(popupBlocker: Bool = true, size: (width: Int, height: Int) = (1200, 800)) async throws
        -> WebDriver
    {
        let driver = try await ChromeDriver.launch()
        do {
            let body = try capabilities(popupBlocker: popupBlocker, size: size)
            let created: Created = try await send("POST", "/session", body, to: driver)
            return WebDriver(driver: driver, session: "/session/\(created.sessionId)")
        } catch {
            await driver.stop()
            throw error
        }
    }

    /// Ends browser and driver, and returns once both have gone.
    func quit() async {
        let _: Ignored? = try? await Self.send("DELETE", session, Data(), to: driver)
        await driver.stop()
    }

    private static func capabilities(popupBlocker: Bool, size: (width: Int, height: Int)) throws -> Data {
        let options: [String: Any] = [
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                "--window-size=\(size.width),\(size.height)",
            ],
            "excludeSwitches": popupBlocker ? ["disable-popup-blocking"] : [],
        ]
        let wanted: [String: Any] = ["goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"]]
        return try JSONSerialization.data(withJSONObject: ["capabilities": ["alwaysMatch": wanted]])
    }

    // MARK: - Pages

    /// Returns when the page has loaded.
    func navigate(to url: String) async throws { try await post("url", ["url": url]) }
    func reload() async throws { try await post("refresh") }
    func currentURL() async throws -> String { try await get("url") }
    func title() async throws -> String { try await get("title") }
    /// A PNG of what is to be seen.
    func screenshot() async throws -> Data { Data(base64Encoded: try await get("screenshot") as String) ?? Data() }

    /// How large the page is, in CSS pixels; narrower than a window can be, as a frame in a CRM is.
    func resize(width: Int, height: Int) async throws {
        let parameters: [String: Any] = ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false]
        try await devTools("Emulation.setDeviceMetricsOverride", parameters)
    }

    func prefer(dark: Bool) async throws {
        let feature = ["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]
        try await devTools("Emulation.setEmulatedMedia", ["features": [feature]])
    }

    /// Whether the browser takes the machine to have a network; open connections break when it has none.
    func setOffline(_ offline: Bool) async throws {
        let parameters: [String: Any] = [
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        ]
        try await devTools("Network.enable", [:])
        try await devTools("Network.emulateNetworkConditions", parameters)
    }

    /// What pages wrote to the console at `SEVERE` (errors, refused loads) since the last call.
    func consoleErrors() async throws -> [String] {
        let entries: [ConsoleEntry] = try await post("se/log", ["type": "browser"])
        return entries.filter { $0.level == "SEVERE" }.map(\.message)
    }

    // MARK: - Elements

    /// Whether something matches; it need not be visible.
    func exists(_ selector: String) async throws -> Bool { try await count(selector) > 0 }

    func count(_ selector: String) async throws -> Int {
        try await execute("return document.querySelectorAll(arguments[0]).length", [selector])
    }

    /// A click as a person makes it: with user activation, and only on what is visible and not covered.
    func click(_ selector: String) async throws { try await post("element/\(find(selector))/click") }

    /// The keys typed into an element; `"\u{E007}"` is Enter.
    func type(_ text: String, into selector: String) async throws {
        try await post("element/\(find(selector))/value", ["text": text])
    }

    /// The text as rendered: empty where the element is hidden.
    func text(of selector: String) async throws -> String { try await get("element/\(find(selector))/text") }

    /// `nil` where the element has no such attribute.
    func attribute(_ name: String, of selector: String) async throws -> String? {
        try await get("element/\(find(selector))/attribute/\(name)")
    }

    func isDisplayed(_ selector: String) async throws -> Bool { try await get("element/\(find(selector))/displayed") }

    // MARK: - Scripts

    /// Runs a function's body; `arguments[0]`… are the texts given. The result is what it returns, decoded.
    /// It runs without user activation, so `window.open` in it is a popup.
    func execute<Value: Decodable & Sendable>(_ script: String, _ arguments: [String] = []) async throws -> Value {
        try await post("execute/sync", ["script": script, "args": arguments])
    }

    /// The same, where nothing is returned.
    func run(_ script: String, _ arguments: [String] = []) async throws {
        let _: Ignored? = try await execute(script, arguments)
    }

    // MARK: - Windows and frames

    /// Every tab and window of the session, those opened by pages too.
    func windows() async throws -> [String] { try await get("window/handles") }
    func currentWindow() async throws -> String { try await get("window") }
    func switchTo(window handle: String) async throws { try await post("window", ["handle": handle]) }

    /// Opens an empty tab, which is not switched to; returns its handle.
    func openTab() async throws -> String {
        let opened: Opened = try await post("window/new", ["type": "tab"])
        return opened.handle
    }

    /// Closes the current window; one has to switch to another afterwards.
    func closeWindow() async throws { let _: [String] = try await send("DELETE", "window") }

    /// The commands that follow are about the page within that frame, also one of another origin.
    func switchTo(frame selector: String) async throws {
        try await post("frame", ["id": [Found.key: find(selector)]])
    }

    func switchToTop() async throws { try await post("frame", ["id": NSNull()]) }

    // MARK: - Waiting

    /// Asks again and again until `condition` holds; throws `timeout` with `what` at the deadline.
    func wait(
        until what: String, within limit: Duration = .seconds(60),
        _ condition: @Sendable (WebDriver) async throws -> Bool
    ) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while !(try await condition(self)) {
            guard clock.now < deadline else { throw WebDriverError(code: "timeout", message: what) }
            try await clock.sleep(for: .milliseconds(20))
        }
    }

    /// Until an element matches.
    func wait(for selector: String, within limit: Duration = .seconds(60)) async throws {
        try await wait(until: selector, within: limit) { try await $0.exists(selector) }
    }

    /// Until an expression of JavaScript is truthy, as `"window.ctid.counters.pop === 1"`.
    func wait(forScript expression: String, within limit: Duration = .seconds(60)) async throws {
        try await wait(until: expression, within: limit) { try await $0.execute("return Boolean(\(expression))") }
    }

    // MARK: - The wire

    private func find(_ selector: String) async throws -> String {
        let found: Found = try await post("element", ["using": "css selector", "value": selector])
        return found.id
    }

    private func devTools(_ command: String, _ parameters: [String: Any]) async throws {
        try await post("goog/cdp/execute", ["cmd": command, "params": parameters])
    }

    private func get<Value: Decodable & Sendable>(_ path: String) async throws -> Value {
        try await send("GET", path)
    }

    private func post<Value: Decodable & Sendable>(_ path: String, _ body: [String: Any] = [:]) async throws -> Value {
        try await send("POST", path, JSONSerialization.data(withJSONObject: body))
    }

    private func post(_ path: String, _ body: [String: Any] = [:]) async throws {
        let _: Ignored? = try await post(path, body)
    }

    private func send<Value: Decodable & Sendable>(
        _ method: String, _ path: String, _ body: Data = Data()
    ) async throws -> Value {
        try await Self.send(method, "\(session)/\(path)", body, to: driver)
    }

    private static func send<Value: Decodable & Sendable>(
        _ method: String, _ path: String, _ body: Data, to driver: ChromeDriver
    ) async throws -> Value {
        let answer = try await driver.http.request(method, path, body)
        guard answer.status == 200 else {
            let failure = try JSONDecoder().decode(Envelope<Failure>.self, from: answer.body).value
            throw WebDriverError(code: failure.error, message: failure.message)
        }
        return try JSONDecoder().decode(Envelope<Value>.self, from: answer.body).value
    }
}

/// Every answer is `{"value": …}`.
private struct Envelope<Value: Decodable>: Decodable { let value: Value }
private struct Failure: Decodable { let error, message: String }
private struct Created: Decodable { let sessionId: String }
private struct Opened: Decodable { let handle: String }
private struct ConsoleEntry: Decodable { let level, message: String }
/// Whatever it is, nobody asks.
private struct Ignored: Decodable { init(from decoder: any Decoder) {} }

private struct Found: Decodable {
    /// The name that the W3C gave to element references.
    static let key = "element-6066-11e4-a52e-4f735466cecf"
    let id: String

    enum CodingKeys: String, CodingKey { case id = "element-6066-11e4-a52e-4f735466cecf" }
}
