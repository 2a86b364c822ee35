import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(3)))
struct WebDriverTests {
    private static let page = """
        data:text/html,<title>t</title><button id=b onclick="window.open('about:blank')">x</button>\
        <p id=p></p><iframe srcdoc='<i id=i>inner</i>'></iframe>
        """

    /// With the blocker on, a script opens nothing, and a click does; with it off, both do.
    @Test(arguments: [true, false])
    func drivesABrowserWithItsPopupBlocker(on: Bool) async throws {
        try await WebDriver.session(popupBlocker: on) { browser in
            try await browser.navigate(to: Self.page)
            #expect(try await browser.title() == "t")
            let opened: Bool = try await browser.execute("return window.open('about:blank') !== null")
            #expect(opened == !on)
            #expect(try await browser.windows().count == (on ? 1 : 2))
            let first = try await browser.currentWindow()
            try await browser.click("#b")
            try await browser.wait(until: "a window") { try await $0.windows().count == (on ? 2 : 3) }
            let other = try #require(try await browser.windows().first { $0 != first })
            try await browser.switchTo(window: other)
            try await browser.closeWindow()
            try await browser.switchTo(window: first)
            try await browser.switchTo(frame: "iframe")
            #expect(try await browser.text(of: "#i") == "inner")
            try await browser.switchToTop()
            try await browser.run("document.querySelector('#p').dataset.x = arguments[0]", ["y"])
            #expect(try await browser.attribute("data-x", of: "#p") == "y")
            #expect(try await browser.attribute("data-z", of: "#p") == nil)
            try await browser.resize(width: 320, height: 460)
            let width: Int = try await browser.execute("return innerWidth")
            #expect(width == 320)
            try await browser.prefer(dark: true)
            try await browser.wait(forScript: "matchMedia('(prefers-color-scheme: dark)').matches")
            #expect(try await browser.screenshot().starts(with: [0x89, 0x50]))
            try await browser.run("console.error('hm')")
            #expect(try await browser.consoleErrors().contains { $0.contains("hm") })
            try await browser.setOffline(true)
            let online: Bool = try await browser.execute("return navigator.onLine")
            #expect(!online)
            let missing = await #expect(throws: WebDriverError.self) { try await browser.click("#none") }
            #expect(missing?.code == "no such element")
            let late = await #expect(throws: WebDriverError.self) {
                try await browser.wait(for: "#none", within: .milliseconds(50))
            }
            #expect(late?.code == "timeout")
            let extra = try await browser.openTab()
            #expect(try await browser.windows().contains(extra))
        }
    }
}

struct LoopbackHTTPTests {
    @Test func understandsHeadersWithoutASpace() {
        let wire = "HTTP/1.1 404 Not Found\r\nContent-Length:2\r\n\r\nok"
        for length in 0..<wire.utf8.count {
            #expect(LoopbackHTTP.answer(in: Data(wire.utf8.prefix(length))) == nil)
        }
        #expect(LoopbackHTTP.answer(in: Data(wire.utf8))?.status == 404)
        #expect(LoopbackHTTP.answer(in: Data(wire.utf8))?.body == Data("ok".utf8))
    }
}
