public import CTICore
public import CTIPipeline

/// Tells a server of the tenant's own about calls, as Standard Webhooks 1.0 has it: `POST`, JSON, signed.
///
///     message ─▶ address ─────▶ POST ──▶ 2xx ─────────────────────▶ had it
///                  │  ▲           │
///                  │  └─ 307/308 ─┤      at most 3, to the same host
///                  │              ├────▶ 429, 503 + Retry-After ──▶ throttled
///                  │              ├────▶ 410 ─────────────────────▶ refused, never again
///                  │              ├────▶ any other status ────────▶ refused
///                  │              └────▶ too late, broken off ────▶ unanswered
///                  └─ none that may be gone to ───────────────────▶ forbidden, unreachable
///
/// A 2xx counts once its headers are complete, whatever becomes of the body: the receiver has said yes, and saying it
/// again would be a repeat for nothing. The message's id is the same at every try, so a receiver that was heard too late
/// can drop the repeat; the timestamp, and with it the signature, is each try's own.
public final class WebhookSink: Sink {
    public let name: SinkName
    public let selection = LogSelection.kind(.call)
    let webhook: WebhookSettings
    let tenant: TenantID
    let region: String
    /// Of its Ed25519 keys: what a receiver verifies with, `whpk_…`.
    public let publicKeys: [String]
    private let exchange: WebhookExchange

    /// - Parameters:
    ///   - secrets: each signs every message; at least one.
    ///   - region: in which national numbers are read.
    public convenience init(
        _ webhook: WebhookSettings, secrets: [WebhookSecret], tenant: TenantID, region: String, userAgent: String,
        now: @escaping @Sendable () -> Timestamp
    ) throws(WebhookURL.Problem) {
        try self.init(
            webhook, secrets: secrets, tenant: tenant, region: region, userAgent: userAgent, now: now,
            lookUp: HostLookup.system)
    }

    init(
        _ webhook: WebhookSettings, secrets: [WebhookSecret], tenant: TenantID, region: String, userAgent: String,
        now: @escaping @Sendable () -> Timestamp, lookUp: @escaping HostLookup.LookUp
    ) throws(WebhookURL.Problem) {
        name = SinkName(.webhook, webhook.name)
        self.webhook = webhook
        self.tenant = tenant
        self.region = region
        publicKeys = secrets.compactMap(\.publicKey)
        exchange = WebhookExchange(
            url: try WebhookURL(webhook.url), settings: webhook, secrets: secrets, userAgent: userAgent, now: now,
            lookUp: lookUp)
    }

    public var settings: SinkSettings {
        SinkSettings(
            ttl: webhook.ttl, concurrency: webhook.concurrency, attempts: 30, backOff: .seconds(1) ... .seconds(3600),
            failuresUntilDown: 5, pause: .seconds(1) ... .seconds(60))
    }

    public func deliver(_ message: SinkMessage) async throws(SinkFailure) {
        if let failure = await exchange.post(message).failure { throw failure }
    }

    /// The same as ``deliver(_:)``, for people who want to know more about it than yes or no.
    public func report(_ message: SinkMessage) async -> WebhookReport { await exchange.post(message) }

    /// Keeps connections for those to come; closes them once it is cancelled.
    public func run() async {
        await Task.untilCancelled()
        await close()
    }

    /// Closes its connections. What is under way on them fails; what comes after makes new ones.
    public func close() async { await exchange.close() }

    public func counters() -> WebhookCounters { exchange.counters }

    public func counts() -> [(what: String, count: Int)] {
        let counters = counters()
        return [("attempts", counters.attempts)]
            + (1...5).map { ("answers_\($0)xx", counters.answers[$0] ?? 0) }
            + [("redirects_followed", counters.redirectsFollowed), ("redirects_refused", counters.redirectsRefused)]
    }
}
