import AsyncHTTPClient
import CTICore
import CTIPipeline
internal import NIOCore
internal import NIOHTTP1
import Synchronization

/// One try after the other to hand a message to one endpoint.
///
/// An address is looked for and checked first; then the request goes to exactly that one. What is left of an answer behind
/// its headers is read for a moment, so that the connection can be used again, and thrown away.
final class WebhookExchange: Sendable {
    private let url: WebhookURL
    private let settings: WebhookSettings
    private let secrets: [WebhookSecret]
    private let userAgent: String
    private let now: @Sendable () -> Timestamp
    private let lookup: HostLookup
    private let clients: PinnedClients
    private let counted = Mutex(WebhookCounters())

    /// Nobody reads it; more than it is cheaper to connect again than to listen to.
    private static let longestBody = 16 << 10
    private static let longestDrain = Duration.seconds(1)
    /// Of a host with many; the next try begins where this one ended.
    private static let mostAddresses = 3

    init(
        url: WebhookURL, settings: WebhookSettings, secrets: [WebhookSecret], userAgent: String,
        now: @escaping @Sendable () -> Timestamp, lookUp: @escaping HostLookup.LookUp
    ) {
        self.url = url
        self.settings = settings
        self.secrets = secrets
        self.userAgent = userAgent
        self.now = now
        lookup = HostLookup(url.host, lookUp: lookUp)
        clients = PinnedClients(host: url.host, concurrency: settings.concurrency, timeout: settings.timeout)
    }

    var counters: WebhookCounters { counted.withLock { $0 } }

    func close() async { await clients.close() }

    func post(_ message: SinkMessage) async -> WebhookReport {
        let begun = ContinuousClock.now
        let headers = headers(for: message)
        let late = SinkFailure(.unanswered, "no answer within \(settings.timeout.milliseconds) ms")
        let verdict = Verdict()
        let ended = await Self.within(settings.timeout, else: nil) {
            await self.attempt(message.data, headers, verdict)
        }
        // Who has said yes is not asked again for being slow with the rest.
        var report = ended ?? verdict.report ?? WebhookReport(late)
        report.took = begun.duration(to: .now)
        counted.withLock { $0.count(report) }
        return report
    }

    /// What was answered, as soon as it is known.
    private final class Verdict: Sendable {
        private let state = Mutex<WebhookReport?>(nil)
        var report: WebhookReport? { state.withLock { $0 } }
        func note(_ report: WebhookReport) { state.withLock { $0 = report } }
    }

    private func headers(for message: SinkMessage) -> HTTPHeaders {
        let timestamp = now().milliseconds / 1000
        let signatures = secrets.map { $0.signature(id: message.id, timestamp: timestamp, body: message.data) }
        return [
            "Content-Type": "application/json", "User-Agent": userAgent, "webhook-id": message.id,
            "webhook-timestamp": "\(timestamp)", "webhook-signature": signatures.joined(separator: " "),
        ]
    }

    /// The first of the host's addresses that a connection can be made to.
    private func attempt(_ body: [UInt8], _ headers: HTTPHeaders, _ verdict: Verdict) async -> WebhookReport {
        let addresses: [IPAddress]
        switch await allowedAddresses() {
        case .success(let allowed): addresses = allowed
        case .failure(let failure): return WebhookReport(failure)
        }
        var report = WebhookReport(SinkFailure(.unreachable, "its name has no address"))
        for address in addresses.prefix(Self.mostAddresses) {
            report = await attempt(body, headers, at: address, verdict)
            guard report.failure?.code == .unreachable else { return report }
        }
        lookup.forget()
        return report
    }

    /// Those of the host that may be gone to, in the order to be tried.
    private func allowedAddresses() async -> Result<[IPAddress], SinkFailure> {
        switch await lookup.addresses() {
        case .failed(let words): return .failure(SinkFailure(.unreachable, "host name: \(words)"))
        case .found(let all):
            let reasons = all.map { settings.allowsPrivateAddresses ? nil : $0.whyNotPublic }
            let allowed = zip(all, reasons).filter { $0.1 == nil }.map(\.0)
            guard !allowed.isEmpty else {
                let why = reasons.lazy.compactMap(\.self).first ?? ""
                return .failure(SinkFailure(.forbidden, "\(why), expected private_addresses: true to go there"))
            }
            guard let preferred = clients.preferred(among: allowed) else { return .success(allowed) }
            return .success([preferred] + allowed.filter { $0 != preferred })
        }
    }
}

extension WebhookExchange {
    /// Follows redirects, all of them at this address.
    private func attempt(
        _ body: [UInt8], _ headers: HTTPHeaders, at address: IPAddress, _ verdict: Verdict
    ) async -> WebhookReport {
        let client = clients.use(address)
        defer { clients.giveBack(client) }
        var report = WebhookReport()
        report.address = address.description
        var target = url
        while true {
            let response: HTTPClientResponse
            switch await send(body, headers, to: target, client) {
            case .success(let answer): response = answer
            case .failure(let failure):
                report.failure = failure
                return report
            }
            report.status = response.status.code
            guard (300...399).contains(response.status.code), response.status != .notModified else {
                report.failure = failure(response)
                verdict.note(report)
                await Self.drain(response)
                return report
            }
            switch redirect(response, from: target, hops: report.redirects) {
            case .follow(let next):
                await Self.drain(response)
                report.redirects += 1
                target = next
            case .refuse(let words):
                report.failure = SinkFailure(.refused, words)
                report.isRedirectRefused = true
                return report
            }
        }
    }

    private func redirect(_ response: HTTPClientResponse, from url: WebhookURL, hops: Int) -> WebhookRedirect {
        WebhookRedirect(
            from: url, status: response.status.code, location: response.headers.first(name: "Location"), hops: hops)
    }

    private func failure(_ response: HTTPClientResponse) -> SinkFailure? {
        WebhookVerdict.failure(
            status: response.status.code, retryAfter: response.headers.first(name: "Retry-After"), now: now())
    }

    private func send(
        _ body: [UInt8], _ headers: HTTPHeaders, to target: WebhookURL, _ client: HTTPClient
    ) async -> Result<HTTPClientResponse, SinkFailure> {
        var request = HTTPClientRequest(url: target.text)
        request.method = .POST
        request.headers = headers
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            return .success(try await client.execute(request, deadline: .distantFuture))
        } catch {
            return .failure(SinkFailure(connecting: error))
        }
    }

    private static func drain(_ response: HTTPClientResponse) async {
        await within(longestDrain, else: ()) { _ = try? await response.body.collect(upTo: longestBody) }
    }

    /// The operation's result, or `late`. Whatever it is waiting for by then is cancelled, and its connection closed.
    private static func within<Value: Sendable>(
        _ limit: Duration, else late: Value, _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return (await group.next() ?? nil) ?? late
        }
    }
}
