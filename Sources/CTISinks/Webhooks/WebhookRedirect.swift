/// What to do about an answer of 3xx.
///
/// Followed is what keeps the method, the body and the receiver: 307 or 308, to the same host and port, or from `http` to
/// `https` on the same host. The signature covers none of the URL, so it stays valid. Anything else could lead calls and
/// numbers to somebody whom the tenant's file does not name.
enum WebhookRedirect: Equatable {
    case follow(WebhookURL)
    /// In words for the dead letter.
    case refuse(String)

    static let most = 3

    /// - Parameter hops: redirects that were followed already.
    init(from url: WebhookURL, status: UInt, location: String?, hops: Int) {
        guard status == 307 || status == 308 else {
            self = .refuse("redirected with \(status), expected 307 or 308, or the new address in url")
            return
        }
        guard let target = location.flatMap(url.resolved) else {
            self = .refuse("redirected with \(status) to no address")
            return
        }
        guard Self.isSameReceiver(url, target) else {
            self = .refuse("redirected to another host, port or scheme, expected the new address in url")
            return
        }
        self = hops < Self.most ? .follow(target) : .refuse("redirected more than \(Self.most) times")
    }

    private static func isSameReceiver(_ url: WebhookURL, _ target: WebhookURL) -> Bool {
        guard url.host == target.host else { return false }
        if url.isSecure == target.isSecure { return url.port == target.port }
        return target.isSecure
    }
}
