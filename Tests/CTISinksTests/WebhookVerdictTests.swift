import CTICore
import CTIPipeline
import Testing

@testable import CTISinks

struct WebhookVerdictTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private let now = Timestamp(milliseconds: 784_111_777_000)

    @Test(arguments: [
        ("120", 120), (" 5 ", 5), ("0", 0), ("99999999999999999999", 999_999_999),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
        ("Sun Nov  6 09:49:37 1994", 3600),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0), ("Mon, 06 Nov 1944 08:49:37 GMT", 0),
    ])
    func aWish(text: String, seconds: Int) {
        #expect(RetryAfter.wait(text, now: now) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "-1", "1.5", "soon", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 36 Nov 1994 08:49:37 GMT", "06 Nov 1994",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 8:49 GMT", "٣",
    ])
    func noWish(text: String) {
        #expect(RetryAfter.wait(text, now: now) == nil)
    }

    @Test(arguments: [
        (429 as UInt, "30", SinkFailure.Retry.after(.seconds(30))), (503, "30", .after(.seconds(30))),
        (429, "86400", .after(.seconds(3600))), (429, "0", .after(.seconds(1))),
    ])
    func aThrottledOneComesWhenItIsTold(status: UInt, retryAfter: String, retry: SinkFailure.Retry) {
        let failure = WebhookVerdict.failure(status: status, retryAfter: retryAfter, now: now)
        #expect(failure?.code == .throttled && failure?.retry == retry)
    }

    @Test(arguments: [
        (429 as UInt, SinkFailure.Code.throttled, SinkFailure.Retry.later),
        (503, .refused, .later), (410, .refused, .never),
        (400, .rejected, .later), (422, .rejected, .later), (401, .refused, .later),
        (500, .refused, .later), (404, .refused, .later), (304, .refused, .later), (600, .refused, .later),
    ])
    func otherAnswers(status: UInt, code: SinkFailure.Code, retry: SinkFailure.Retry) {
        let failure = WebhookVerdict.failure(status: status, retryAfter: nil, now: now)
        #expect(failure?.code == code && failure?.retry == retry)
    }

    @Test func aYes() {
        for status: UInt in [200, 202, 204, 299] {
            #expect(WebhookVerdict.failure(status: status, retryAfter: "9", now: now) == nil)
        }
    }

    @Test(arguments: [
        ("http://crm.example/hook", 307 as UInt, "/other", "http://crm.example/other"),
        ("http://crm.example/hook", 308, "http://CRM.example:80/x?y=1", "http://crm.example:80/x?y=1"),
        ("http://crm.example:8080/a/b", 307, "c", "http://crm.example:8080/a/c"),
        ("http://crm.example/hook", 308, "https://crm.example/hook", "https://crm.example/hook"),
        ("https://crm.example/hook", 307, "//crm.example/x", "https://crm.example/x"),
    ])
    func aRedirectToTheSameReceiver(from: String, status: UInt, location: String, to: String) throws {
        let redirect = WebhookRedirect(from: try WebhookURL(from), status: status, location: location, hops: 2)
        #expect(redirect == .follow(try WebhookURL(to)))
    }

    @Test(arguments: [
        ("http://crm.example/", 307 as UInt, "http://other.example/", "another host"),
        ("http://crm.example/", 307, "http://127.0.0.1/", "another host"),
        ("http://crm.example/", 307, "http://crm.example:8080/", "another host, port"),
        ("https://crm.example/", 308, "http://crm.example/", "or scheme"),
        ("https://crm.example/", 307, "https://crm.example@other.example/", "another host"),
        ("http://crm.example/", 307, "file:///etc/passwd", "to no address"),
        ("http://crm.example/", 301, "/other", "with 301, expected 307 or 308"),
        ("http://crm.example/", 302, "/other", "with 302"), ("http://crm.example/", 303, "/other", "with 303"),
        ("http://crm.example/", 300, "/other", "with 300"),
    ])
    func aRedirectElsewhere(from: String, status: UInt, location: String, words: String) throws {
        switch WebhookRedirect(from: try WebhookURL(from), status: status, location: location, hops: 0) {
        case .follow(let target): Issue.record("followed to \(target.text)")
        case .refuse(let said): #expect(said.contains(words))
        }
    }

    @Test func redirectsHaveAnEnd() throws {
        let url = try WebhookURL("http://crm.example/")
        #expect(WebhookRedirect(from: url, status: 307, location: "/", hops: 2) == .follow(url))
        let refused = WebhookRedirect(from: url, status: 307, location: "/", hops: 3)
        #expect(refused == .refuse("redirected more than 3 times"))
        #expect(
            WebhookRedirect(from: url, status: 307, location: nil, hops: 0)
                == .refuse("redirected with 307 to no address"))
    }
}
