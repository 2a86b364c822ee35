public import CTICore
import JWTKit

/// Signs access tokens with a tenant's HS256 secret, for `ctid token` and the demo.
public struct TokenMinter: Sendable {
    private let keys: JWTKeyCollection
    private let now: @Sendable () -> Timestamp

    private struct Payload: JWTPayload {
        var sub: String?
        var tenant: String
        var scope: String
        var iat: Int64
        var exp: Int64

        /// Nothing is verified with this type.
        func verify(using algorithm: some JWTAlgorithm) {}
    }

    /// - Throws: where the secret is shorter than 32 bytes.
    public init(
        hs256Secret secret: [UInt8], now: @escaping @Sendable () -> Timestamp = HubConfiguration.wallClock
    ) async throws(TokenKeyError) {
        guard secret.count >= TokenKey.shortestSecret else {
            throw TokenKeyError(
                "an HS256 secret has at least \(TokenKey.shortestSecret) bytes, this one \(secret.count)")
        }
        keys = JWTKeyCollection()
        self.now = now
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    }

    /// A token valid from now on for `ttl`; `extension` may be absent where no scope is `agent`.
    public func mint(
        extension: Extension?, tenant: TenantID, scopes: [TokenScope], ttl: Duration
    ) async throws -> String {
        let issued = now()
        let payload = Payload(
            sub: `extension`?.rawValue, tenant: tenant.rawValue,
            scope: scopes.map(\.rawValue).joined(separator: " "),
            iat: issued.milliseconds / 1000, exp: issued.adding(ttl).milliseconds / 1000)
        return try await keys.sign(payload)
    }
}
