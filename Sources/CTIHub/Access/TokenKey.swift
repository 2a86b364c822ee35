import JWTKit

/// A key that tokens are verified with. Its algorithm is the key's, never the token's: a token that names another one
/// is refused, so a public key cannot be taken for an HMAC secret.
struct TokenKey: Sendable {
    /// Only keys of a set have one.
    var id: String?
    var algorithm: any JWTAlgorithm
}

/// Why a tenant's key cannot be used. Carries nothing of the key.
public struct TokenKeyError: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension TokenKey {
    /// The shortest secret that HS256 is safe with (RFC 7518, §3.2).
    static let shortestSecret = 32

    /// JWTKit traps on shorter ones in debug builds, so the length comes first.
    static func hs256(_ secret: [UInt8]) async throws(TokenKeyError) -> TokenKey {
        guard secret.count >= shortestSecret else {
            throw TokenKeyError("an HS256 secret has at least \(shortestSecret) bytes, this one \(secret.count)")
        }
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        return try await only(of: keys)
    }

    /// An RSA, P-256 or Ed25519 public key; which, the key itself says.
    static func pem(_ text: String) async throws(TokenKeyError) -> TokenKey {
        let keys = JWTKeyCollection()
        if let key = try? Insecure.RSA.PublicKey(pem: text) {
            await keys.add(rsa: key, digestAlgorithm: .sha256)
        } else if let key = try? ES256PublicKey(pem: text) {
            await keys.add(ecdsa: key)
        } else if let key = try? EdDSA.PublicKey(pem: text) {
            await keys.add(eddsa: key)
        } else {
            throw TokenKeyError("expected the PEM of one public key: RSA of at least 2048 bits, P-256 or Ed25519")
        }
        return try await only(of: keys)
    }

    /// A key of a set; `nil` for one that is for other algorithms than ours.
    static func jwk(_ key: JWK) async throws(TokenKeyError) -> TokenKey? {
        let algorithm: JWK.Algorithm
        switch (key.keyType, key.algorithm) {
        case (.rsa, nil), (.rsa, .rs256): algorithm = .rs256
        case (.ecdsa, nil), (.ecdsa, .es256): algorithm = .es256
        case (.octetKeyPair, nil), (.octetKeyPair, .eddsa): algorithm = .eddsa
        default: return nil
        }
        var named = key
        named.keyIdentifier = key.keyIdentifier ?? "unnamed"
        named.algorithm = algorithm
        named.privateExponent = nil
        let keys = JWTKeyCollection()
        do {
            try await keys.add(jwk: named)
        } catch {
            throw TokenKeyError("a key of the set is not a valid \(algorithm.rawValue) key")
        }
        return try await only(of: keys, id: key.keyIdentifier?.string)
    }

    private static func only(of keys: JWTKeyCollection, id: String? = nil) async throws(TokenKeyError) -> TokenKey {
        do {
            return TokenKey(id: id, algorithm: try await keys.getKey())
        } catch {
            throw TokenKeyError("the key cannot be used")
        }
    }
}
