import CTICore
import CTIPipeline
import HTTPTypes
import Hummingbird

/// Who may pass: finds the tenant, verifies the token, compares tenant, scope and extension.
///
/// A tenant that does not exist answers as one whose key did not sign the token: 401. So nobody learns the names of
/// tenants without a token of theirs.
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
        guard let id = name.flatMap({ TenantID($0) }), let tenant = tenants[id] else { throw .tokenInvalid }
        let claims: TokenClaims
        do {
            claims = try tenant.tokens.verify(token, at: now())
        } catch {
            throw .tokenInvalid
        }
        guard claims.tenant == id.rawValue else { throw .forbidden("The token is for another tenant.") }
        guard claims.scopes.contains(scope.rawValue) else { throw .scopeMissing(scope) }
        if let `extension`, claims.subject != `extension`.rawValue {
            throw .forbidden("The token is for another extension.")
        }
        return Admission(tenant: tenant, claims: claims)
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
