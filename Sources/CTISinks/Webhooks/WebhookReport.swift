public import CTIPipeline

/// What became of one try.
public struct WebhookReport: Sendable {
    /// Of the last answer; `nil` where there was none.
    public var status: UInt?
    /// Where it went.
    public var address: String?
    /// Followed.
    public var redirects = 0
    public var took = Duration.zero
    /// `nil` for a yes.
    public var failure: SinkFailure?
    var isRedirectRefused = false

    init() {}

    init(_ failure: SinkFailure) { self.failure = failure }
}
