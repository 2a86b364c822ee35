public import CTICore
import Foundation
import JWTKit

/// Why a token is refused. The client is only told that it is; the difference is for the log.
public enum TokenRejection: Error, Sendable { case malformed, wrongAlgorithm, unknownKey, badSignature, expired }

/// Verifies one tenant's access tokens: JWTs signed HS256, RS256, ES256 or EdDSA.
///
/// The header is read here and not by JWTKit, whose header type traps on numbers that exceed an `Int`: anybody could
/// end the daemon with one request.
public struct TokenVerifier: Sendable {
    private let keys: [TokenKey]

    private struct Header: Decodable {
        var alg: String
        var kid: String?
        /// Extensions that must be understood (RFC 7515, §4.1.11). None is.
        var crit: [String]?
    }

    /// - Throws: where the secret is shorter than 32 bytes.
    public init(hs256Secret secret: [UInt8]) async throws(TokenKeyError) { keys = [try await .hs256(secret)] }

    /// One public key: RSA (RS256), P-256 (ES256) or Ed25519 (EdDSA).
    public init(publicKeyPEM pem: String) async throws(TokenKeyError) { keys = [try await .pem(pem)] }

    /// A JWK set (RFC 7517, §5). Keys for other algorithms or uses are passed over; one usable must remain.
    public init(jwks json: [UInt8]) async throws(TokenKeyError) {
        guard let set = try? JSONDecoder().decode(KeySet.self, from: Data(json)) else {
            throw TokenKeyError("expected a JWK set: an object with `keys`")
        }
        var usable: [TokenKey] = []
        for key in set.keys {
            if let key = key.value, let known = try await TokenKey.jwk(key) { usable.append(known) }
        }
        guard !usable.isEmpty else { throw TokenKeyError("the set has no RS256, ES256 or EdDSA key") }
        keys = usable
    }

    /// The claims of a token whose signature and times are fine. Whom it opens what is for the caller to see.
    public func verify(_ token: String, at now: Timestamp) throws(TokenRejection) -> TokenClaims {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header: Header = Self.decode(parts[0]), header.crit == nil,
            let signature = Data(base64URL: parts[2])
        else { throw .malformed }
        let signed = Array(token.utf8[..<parts[1].endIndex])
        try checkSignature(signature, of: signed, header: header)
        guard let payload: TokenPayload = Self.decode(parts[1]), let claims = payload.claims else { throw .malformed }
        guard now < claims.expires, !payload.isEarly(at: now) else { throw .expired }
        return claims
    }

    /// The tenant that a token names, which nothing has verified.
    static func claimedTenant(_ token: String) -> TenantID? {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let payload: TokenPayload = decode(parts[1]) else { return nil }
        return payload.tenant.flatMap { TenantID($0) }
    }

    private func checkSignature(_ signature: Data, of signed: [UInt8], header: Header) throws(TokenRejection) {
        let matching = keys.filter { $0.algorithm.name == header.alg }
        guard !matching.isEmpty else { throw .wrongAlgorithm }
        // A token without `kid` may be of any key; a key without one fits any token.
        let candidates = matching.filter { header.kid == nil || $0.id == nil || $0.id == header.kid }
        guard !candidates.isEmpty else { throw .unknownKey }
        let isSigned = candidates.contains { (try? $0.algorithm.verify(signature, signs: signed)) == true }
        guard isSigned else { throw .badSignature }
    }

    private static func decode<Value: Decodable>(_ part: Substring.UTF8View) -> Value? {
        Data(base64URL: part).flatMap { try? JSONDecoder().decode(Value.self, from: $0) }
    }
}

/// A set in which a key that cannot be read, as one of a type that came later, does not spoil the others.
private struct KeySet: Decodable {
    struct Entry: Decodable {
        var value: JWK?

        private enum Keys: String, CodingKey { case use }

        init(from decoder: any Decoder) throws {
            let use = try? decoder.container(keyedBy: Keys.self).decodeIfPresent(String.self, forKey: .use)
            value = (use ?? "sig") == "sig" ? try? JWK(from: decoder) : nil
        }
    }

    var keys: [Entry]
}

extension Data {
    /// RFC 7515's base64url: no padding, and nothing else either.
    fileprivate init?(base64URL text: some Collection<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + 3)
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): bytes.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): bytes.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: bytes.append(byte)
            }
        }
        while bytes.count % 4 != 0 { bytes.append(UInt8(ascii: "=")) }
        self.init(base64Encoded: Data(bytes))
    }
}
