import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird

/// Who may pass: finds the tenant, verifies the token, compares tenant, scope and extension.
///
/// A tenant that does not exist answers as one that does: 401 without a good token, 403 with another tenant's. So nobody
/// learns the names of tenants.
struct Gatekeeper: Sendable {
    let tenants: TenantRegistry
    let now: @Sendable () -> Timestamp

    struct Admission: Sendable {
        var tenant: HubTenant
        var claims: TokenClaims
    }

    /// - Throws: a ``Problem``: 401 for no token, a bad one, an expired one; 403 for one that is for something else.
    func admit(
        _ request: Request, tenant name: String?, scope: TokenScope, extension: Extension? = nil
    ) throws(Problem) -> Admission {
        guard let token = Self.token(of: request) else { throw .tokenMissing }
        let tenant = name.flatMap { TenantID($0) }.flatMap { tenants[$0] }
        guard let tenant, let claims = try? tenant.tokens.verify(token, at: now()) else {
            throw isAnothers(token) ? .forbidden(Self.anothers) : .tokenInvalid
        }
        guard claims.tenant == tenant.id.rawValue else { throw .forbidden(Self.anothers) }
        guard claims.scopes.contains(scope.rawValue) else { throw .scopeMissing(scope) }
        if let `extension`, claims.subject != `extension`.rawValue {
            throw .forbidden("The token is for another extension.")
        }
        return Admission(tenant: tenant, claims: claims)
    }

    private static let anothers = "The token is for another tenant."

    /// Whether it is a good token of the tenant that it names.
    private func isAnothers(_ token: String) -> Bool {
        guard let id = TokenVerifier.claimedTenant(token), let tenant = tenants[id] else { return false }
        return (try? tenant.tokens.verify(token, at: now()))?.tenant == id.rawValue
    }

    /// The header's token, else the query's, for browsers' EventSource, which cannot set a header.
    private static func token(of request: Request) -> String? {
        guard let header = request.headers[.authorization] else {
            return request.uri.queryParameters["access_token"].map(String.init).flatMap { $0.isEmpty ? nil : $0 }
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
