public import CTICore

/// What a token may be used for. No scope implies another.
public enum TokenScope: String, Sendable, CaseIterable { case agent, supervisor, ingest, admin }

/// What a token that was verified says.
public struct TokenClaims: Sendable, Hashable {
    /// The extension; only scope `agent` asks for it.
    public var subject: String?
    /// As the token has it: whether it is the right one is for ``Gatekeeper`` to say.
    public var tenant: String?
    public var scopes: Set<String>
    public var expires: Timestamp

    public init(subject: String?, tenant: String?, scopes: Set<String>, expires: Timestamp) {
        self.subject = subject
        self.tenant = tenant
        self.scopes = scopes
        self.expires = expires
    }
}

/// The payload on the wire (RFC 7519; `scope` as in RFC 8693, §4.2). Times are seconds since 1970, fractions allowed.
struct TokenPayload: Codable {
    var sub: String?
    var tenant: String?
    var scope: String?
    var exp: Double
    var nbf: Double?

    /// A moment beyond the year 9999 is not one that anybody meant, and would not fit an integer.
    private static let latest: Double = 253_402_300_799

    /// `nil` where the times are no times.
    var claims: TokenClaims? {
        guard exp > 0, exp <= Self.latest else { return nil }
        return TokenClaims(
            subject: sub, tenant: tenant,
            scopes: Set((scope ?? "").split(separator: " ").map(String.init)),
            expires: Timestamp(milliseconds: Int64(exp * 1000)))
    }

    func isEarly(at now: Timestamp) -> Bool { (nbf ?? 0) * 1000 > Double(now.milliseconds) }
}
