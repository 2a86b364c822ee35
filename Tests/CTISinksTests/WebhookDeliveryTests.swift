import CTICore
import CTIPipeline
import Foundation
import Synchronization
import TestReceivers
import Testing

@testable import CTISinks

/// One try at a time against receivers that do what receivers do. Who tries again is the courier.
@Suite(.timeLimit(.minutes(1)))
struct WebhookDeliveryTests {
    /// Gives the failure of one try, and how long it took.
    private func deliver(
        to url: String, timeout: Duration = .seconds(5), privately: Bool = true,
        lookUp: @escaping HostLookup.LookUp = HostLookup.system
    ) async throws -> (report: WebhookReport, counters: WebhookCounters) {
        let settings = WebhookSettings(name: "crm", url: url, timeout: timeout, allowsPrivateAddresses: privately)
        let sink = try WebhookSink.forTests(settings, lookUp: lookUp)
        let report = await sink.report(try #require(sink.message(for: .call())))
        await sink.close()
        return (report, sink.counters())
    }

    @Test func postsASignedMessage() async throws {
        let receiver = try ScriptedReceiver()
        defer { receiver.stop() }
        let settings = WebhookSettings(name: "crm", url: receiver.url + "/hook?a=b", allowsPrivateAddresses: true)
        let other = "an older secret, being rotated away"
        let sink = try WebhookSink.forTests(settings, secrets: [WebhookSink.testSecret, other])
        let message = try #require(sink.message(for: .call()))
        try await sink.deliver(message)
        await sink.close()
        let request = try #require(receiver.requests.first)
        #expect(request.path == "/hook?a=b" && request.body == message.data)
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["user-agent"] == "ctid/test")
        #expect(request.headers["host"] == "127.0.0.1:\(receiver.port)")
        #expect(request.headers["webhook-id"] == message.id)
        #expect(request.headers["webhook-timestamp"] == "1614265330")
        let signatures = try [WebhookSink.testSecret, other].map {
            try WebhookSecret($0).signature(id: message.id, timestamp: 1_614_265_330, body: message.data)
        }
        #expect(request.headers["webhook-signature"] == signatures.joined(separator: " "))
    }

    @Test(arguments: [200, 201, 202, 204, 299]) func everyTwoHundredIsAYes(status: Int) async throws {
        let receiver = try ScriptedReceiver { _ in .status(status) }
        defer { receiver.stop() }
        let (report, counters) = try await deliver(to: receiver.url)
        #expect(report.failure == nil && report.status == UInt(status) && report.address == "127.0.0.1")
        #expect(counters.attempts == 1 && counters.answers == [2: 1])
    }

    @Test func aSlowAnswerInTimeIsAYes() async throws {
        let receiver = try ScriptedReceiver { _ in .late(.milliseconds(700), .status(200, body: "ok")) }
        defer { receiver.stop() }
        let report = try await deliver(to: receiver.url).report
        #expect(report.failure == nil)
        #expect(report.took >= .milliseconds(700))
    }

    @Test func whoHangsIsGivenUp() async throws {
        let receiver = try ScriptedReceiver { _ in .hang }
        defer { receiver.stop() }
        let (report, counters) = try await deliver(to: receiver.url, timeout: .milliseconds(400))
        #expect(report.failure == SinkFailure(.unanswered, "no answer within 400 ms"))
        #expect(report.took < .seconds(5))
        #expect(counters.unanswered == 1)
        #expect(try await comes { receiver.openConnections == 0 }, "its connection is closed, too")
    }

    @Test(arguments: [
        ScriptedReceiver.Answer.halfBody, .status(200, body: String(repeating: "x", count: 1 << 20)), .endless, .drip,
    ])
    func whatStandsBehindAYesDoesNotMatter(answer: ScriptedReceiver.Answer) async throws {
        let receiver = try ScriptedReceiver { _ in answer }
        defer { receiver.stop() }
        let report = try await deliver(to: receiver.url, timeout: .seconds(20)).report
        #expect(report.failure == nil && report.status == 200)
        #expect(report.took < .seconds(10))
        #expect(try await comes { receiver.openConnections == 0 })
    }

    @Test func aYesStaysOneThoughTheTimeIsUpBeforeItsBodyIs() async throws {
        let receiver = try ScriptedReceiver { _ in .drip }
        defer { receiver.stop() }
        let report = try await deliver(to: receiver.url, timeout: .milliseconds(400)).report
        #expect(report.failure == nil && report.status == 200)
    }

    @Test func itDoesNotMatterBehindANoEither() async throws {
        let receiver = try ScriptedReceiver { _ in .raw("HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf") }
        defer { receiver.stop() }
        #expect(try await deliver(to: receiver.url).report.failure == SinkFailure(.refused, "answered 500"))
    }

    @Test(arguments: [
        ScriptedReceiver.Answer.close, .halfHead, .raw("SSH-2.0-OpenSSH_9.2\r\n"),
        .raw("HTTP/1.1 100 Continue\r\n\r\n"),
    ])
    func whatBreaksOffBeforeIsNoAnswer(answer: ScriptedReceiver.Answer) async throws {
        let receiver = try ScriptedReceiver { _ in answer }
        defer { receiver.stop() }
        let failure = try await deliver(to: receiver.url).report.failure
        #expect(failure?.code == .unanswered && failure?.retry == .later, "\(String(describing: failure))")
    }

    @Test func nobodyListens() async throws {
        let receiver = try ScriptedReceiver()
        receiver.stop()
        let (report, counters) = try await deliver(to: receiver.url)
        #expect(report.failure?.code == .unreachable && report.failure?.retry == .later)
        #expect(counters.unreachable == 1)
    }

    @Test func noTLSThere() async throws {
        let receiver = try ScriptedReceiver()
        defer { receiver.stop() }
        let failure = try await deliver(to: "https://127.0.0.1:\(receiver.port)/", timeout: .seconds(2)).report.failure
        #expect(failure == SinkFailure(.unreachable, "no connection (Connect timeout)"))
    }

    @Test func aThrottledOneSaysWhen() async throws {
        let receiver = try ScriptedReceiver { _ in .status(429, headers: ["Retry-After": "7"]) }
        defer { receiver.stop() }
        let failure = try await deliver(to: receiver.url).report.failure
        #expect(failure == SinkFailure(.throttled, "answered 429, try again in 7 s", retry: .after(.seconds(7))))
    }

    @Test func followsARedirectOfItsOwn() async throws {
        let receiver = try ScriptedReceiver { request in
            request.path == "/hook" ? .status(307, headers: ["Location": "/new"]) : .status(204)
        }
        defer { receiver.stop() }
        let (report, counters) = try await deliver(to: receiver.url + "/hook")
        #expect(report.failure == nil && report.redirects == 1 && counters.redirectsFollowed == 1)
        let requests = receiver.requests
        #expect(requests.map(\.path) == ["/hook", "/new"])
        #expect(requests[0].body == requests[1].body && !requests[1].body.isEmpty)
        #expect(requests[0].headers["webhook-signature"] == requests[1].headers["webhook-signature"])
    }

    @Test func doesNotFollowAnother() async throws {
        let target = try ScriptedReceiver()
        let receiver = try ScriptedReceiver { _ in .status(307, headers: ["Location": target.url + "/hook"]) }
        defer {
            receiver.stop()
            target.stop()
        }
        let (report, counters) = try await deliver(to: receiver.url)
        #expect(report.failure?.code == .refused && report.failure?.message.contains("another host, port") == true)
        #expect(counters.redirectsRefused == 1 && target.requests.isEmpty)
        let circle = try ScriptedReceiver { _ in .status(308, headers: ["Location": "/"]) }
        defer { circle.stop() }
        #expect(try await deliver(to: circle.url).report.failure?.message == "redirected more than 3 times")
        #expect(circle.requests.count == 4)
    }

    @Test func keepsItsConnection() async throws {
        let receiver = try ScriptedReceiver { _ in .status(200, body: "fine") }
        defer { receiver.stop() }
        let sink = try WebhookSink.forTests(
            WebhookSettings(name: "crm", url: receiver.url, allowsPrivateAddresses: true))
        for number in 0..<5 {
            try await sink.deliver(try #require(sink.message(for: .call(position: Int64(number)))))
        }
        #expect(receiver.requests.count == 5 && receiver.connections == 1)
        await sink.close()
        #expect(try await comes { receiver.openConnections == 0 })
    }

    @Test func closesItsConnectionsAtTheEndOfItsRun() async throws {
        let receiver = try ScriptedReceiver()
        defer { receiver.stop() }
        let sink = try WebhookSink.forTests(
            WebhookSettings(name: "crm", url: receiver.url, allowsPrivateAddresses: true))
        try await withThrowingTaskGroup { group in
            group.addTask { await sink.run() }
            try await sink.deliver(try #require(sink.message(for: .call())))
            #expect(receiver.openConnections == 1)
            group.cancelAll()
        }
        #expect(try await comes { receiver.openConnections == 0 })
    }
}

extension WebhookDeliveryTests {
    @Test(arguments: ["http://127.0.0.1", "http://localhost", "http://127.1", "http://[::ffff:127.0.0.1]"])
    func aPrivateAddressIsGoneToWhereThatIsMeantAlone(host: String) async throws {
        let receiver = try ScriptedReceiver()
        defer { receiver.stop() }
        let (report, counters) = try await deliver(to: "\(host):\(receiver.port)/", privately: false)
        #expect(report.failure?.code == .forbidden && report.failure?.retry == .later)
        #expect(report.failure?.message.contains("private_addresses: true") == true)
        #expect(receiver.connections == 0 && counters.forbidden == 1)
        #expect(try await deliver(to: "\(host):\(receiver.port)/").report.failure == nil)
    }

    /// A name server that says something else at every question: the answer that was checked is the one gone to.
    @Test func aNameIsNotLookedUpASecondTime() async throws {
        let receiver = try ScriptedReceiver()
        defer { receiver.stop() }
        let asked = Mutex(0)
        let lookUp: HostLookup.LookUp = { _ in
            asked.withLock { $0 += 1 }
            return .found([IPAddress(bytes: [127, 0, 0, 1])])
        }
        // No name server knows it, so only an address that was told can be reached.
        let url = "http://crm.invalid:\(receiver.port)/"
        let settings = WebhookSettings(name: "crm", url: url, allowsPrivateAddresses: true)
        let sink = try WebhookSink.forTests(settings, lookUp: lookUp)
        for number in 0..<3 { try await sink.deliver(try #require(sink.message(for: .call(position: Int64(number))))) }
        await sink.close()
        #expect(asked.withLock { $0 } == 1)
        #expect(receiver.requests.first?.headers["host"] == "crm.invalid:\(receiver.port)")
        let refused = try await deliver(to: url, privately: false, lookUp: lookUp).report
        #expect(refused.failure?.code == .forbidden)
        #expect(receiver.requests.count == 3)
    }

    @Test func ofSeveralAddressesTheOneThatAnswersIsKept() async throws {
        let receiver = try ScriptedReceiver()
        defer { receiver.stop() }
        // Nobody listens at the first of them.
        let addresses = [IPAddress(bytes: [127, 9, 9, 9]), IPAddress(bytes: [127, 0, 0, 1])]
        let settings = WebhookSettings(
            name: "crm", url: "http://crm.invalid:\(receiver.port)/", allowsPrivateAddresses: true)
        let sink = try WebhookSink.forTests(settings, lookUp: { _ in .found(addresses) })
        for number in 0..<3 {
            let report = await sink.report(try #require(sink.message(for: .call(position: Int64(number)))))
            #expect(report.failure == nil && report.address == "127.0.0.1")
        }
        await sink.close()
        #expect(receiver.connections == 1)
    }

    @Test func aNameThatMovesIsFollowed() async throws {
        let first = try ScriptedReceiver()
        defer { first.stop() }
        let asked = Mutex(0)
        let lookUp: HostLookup.LookUp = { _ in
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            // At first it leads to where nobody listens.
            return .found([
                IPAddress(bytes: [127, 9, 9, number == 1 ? 9 : 1]), IPAddress(bytes: [127, 0, 0, number == 1 ? 9 : 1]),
            ])
        }
        let settings = WebhookSettings(
            name: "crm", url: "http://crm.invalid:\(first.port)/", allowsPrivateAddresses: true)
        let sink = try WebhookSink.forTests(settings, lookUp: lookUp)
        let message = try #require(sink.message(for: .call()))
        #expect(await sink.report(message).failure?.code == .unreachable)
        #expect(await sink.report(message).failure == nil)
        await sink.close()
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func aNameServerThatHangsIsGivenUpAndAskedOnce() async throws {
        let release = DispatchSemaphore(value: 0)
        defer { release.signal() }
        let asked = Mutex(0)
        let settings = WebhookSettings(name: "crm", url: "http://crm.invalid/", timeout: .milliseconds(200))
        let lookUp: HostLookup.LookUp = { _ in
            asked.withLock { $0 += 1 }
            release.wait()
            return .failed("let go")
        }
        let sink = try WebhookSink.forTests(settings, lookUp: lookUp)
        let message = try #require(sink.message(for: .call()))
        for _ in 0..<3 { #expect(await sink.report(message).failure?.code == .unanswered) }
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func aNameWithoutAnAddress() async throws {
        let report = try await deliver(to: "http://crm.invalid/", lookUp: { _ in .failed("Name or service not known") })
            .report
        #expect(report.failure == SinkFailure(.unreachable, "host name: Name or service not known"))
    }

    @Test func whatWasFoundCountsForAMinute() async throws {
        let asked = Mutex(0)
        let start = ContinuousClock.now
        let clock = Mutex(start)
        let lookup = HostLookup(
            "crm.invalid",
            lookUp: { _ in
                asked.withLock { $0 += 1 }
                return .found([IPAddress(bytes: [1, 1, 1, 1])])
            }, clock: { clock.withLock { $0 } })
        for (second, expected) in [(0, 1), (59, 1), (60, 2), (61, 2)] {
            clock.withLock { $0 = start + .seconds(second) }
            _ = await lookup.addresses()
            #expect(asked.withLock { $0 } == expected)
        }
        lookup.forget()
        _ = await lookup.addresses()
        #expect(asked.withLock { $0 } == 3)
    }

    private func comes(_ holds: () -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while !holds() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}
