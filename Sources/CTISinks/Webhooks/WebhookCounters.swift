import CTIPipeline

/// What became of a webhook's tries.
public struct WebhookCounters: Sendable, Hashable {
    public var attempts = 0
    /// Of final answers, by their class: 2 for 200 to 299.
    public var answers: [Int: Int] = [:]
    public var unreachable = 0
    public var unanswered = 0
    /// Sent nowhere, since the address is not one that may be gone to.
    public var forbidden = 0
    public var redirectsFollowed = 0
    public var redirectsRefused = 0

    public init() {}
}

extension WebhookCounters {
    mutating func count(_ report: WebhookReport) {
        attempts += 1
        redirectsFollowed += report.redirects
        if report.isRedirectRefused { redirectsRefused += 1 }
        if let status = report.status { answers[Int(status) / 100, default: 0] += 1 }
        switch report.failure?.code {
        case .unreachable: unreachable += 1
        case .unanswered: unanswered += 1
        case .forbidden: forbidden += 1
        case .refused, .rejected, .throttled, nil: break
        }
    }
}
