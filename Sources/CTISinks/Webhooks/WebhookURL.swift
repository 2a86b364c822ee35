internal import Foundation

/// An address to post to, taken apart the same way as the HTTP client does it: the host that is checked is the one that is
/// gone to.
public struct WebhookURL: Sendable, Hashable {
    let text: String
    let isSecure: Bool
    /// Without the brackets of IPv6.
    let host: String
    let port: Int

    public struct Problem: Error, Hashable {}

    public init(_ text: String) throws(Problem) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.host, !host.isEmpty
        else { throw Problem() }
        // In one spelling: who connects looks the checked address up by it, and by no other.
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: true)
        let spelling = parts?.percentEncodedHost?.lowercased()
        parts?.percentEncodedHost = spelling
        guard let spelt = parts?.string else { throw Problem() }
        self.text = spelt
        isSecure = scheme == "https"
        let name = host.lowercased()
        self.host = name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
        port = url.port ?? (isSecure ? 443 : 80)
    }

    /// An address on this machine or in its network, without asking anybody: a literal in whatever notation, `localhost`.
    public var privateAddress: String? {
        let name = host.lowercased().hasSuffix(".") ? host.lowercased().dropLast() : host.lowercased()[...]
        if name == "localhost" || name.hasSuffix(".localhost") { return "\(host) is this machine" }
        guard case .found(let addresses) = HostLookup.literal(host) else { return nil }
        return addresses.lazy.compactMap(\.whyNotPublic).first
    }

    /// Where an answer with `Location` points to; `nil` for what is no address of the web.
    func resolved(_ location: String) -> WebhookURL? {
        guard let base = URL(string: text), let url = URL(string: location, relativeTo: base) else { return nil }
        return try? WebhookURL(url.absoluteString)
    }
}
