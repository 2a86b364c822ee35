import CTICore
import CTIHub
import Foundation
import JWTKit
import Testing

@Suite struct TokenVerifierTests {
    private func signed(_ keys: JWTKeyCollection, kid: JWKIdentifier? = nil) async throws -> String {
        try await keys.sign(TestClaims(), kid: kid)
    }

    @Test func claimsAreReadFromTheToken() async throws {
        let verifier = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let claims = try verifier.verify(try await token(), at: .start)
        #expect(claims.subject == "1001")
        #expect(claims.tenant == "acme")
        #expect(claims.scopes == ["agent", "supervisor"])
        #expect(claims.expires == Timestamp.start.adding(.seconds(60)))
    }

    @Test(arguments: [
        (TestClaims(exp: nil), TokenRejection.malformed), (TestClaims(exp: 1e300), .malformed),
        (TestClaims(exp: -1), .malformed), (TestClaims(exp: Double(Timestamp.start.milliseconds / 1000)), .expired),
        (TestClaims(nbf: Double(Timestamp.start.milliseconds / 1000 + 1)), .expired),
    ])
    func timesAreChecked(claims: TestClaims, expected: TokenRejection) async throws {
        let verifier = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let token = try await token(claims)
        #expect(throws: expected) { try verifier.verify(token, at: .start) }
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#, #"{"alg":"hs256"}"#, "{}", "[]", "",
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","kid":1e999}"#, #"{"alg":"HS256","x":1e300}"#,
    ])
    func headersThatDoNotFitTheKeyAreRefused(header: String) async throws {
        let verifier = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let parts = try await token().split(separator: ".")
        let forged = base64URL(header) + "." + parts[1] + "." + parts[2]
        #expect(throws: TokenRejection.self) { try verifier.verify(forged, at: .start) }
        #expect(throws: TokenRejection.self) { try verifier.verify(base64URL(header) + ".\(parts[1]).", at: .start) }
    }

    @Test(arguments: ["", ".", "..", "...", "a.b.c", "a.b", "ÿ.ÿ.ÿ", "e30.e30.", " "])
    func garbageIsMalformed(text: String) async throws {
        let verifier = try await TokenVerifier(hs256Secret: TestSecret.acme)
        #expect(throws: TokenRejection.malformed) { try verifier.verify(text, at: .start) }
    }

    @Test func aSignatureCoversHeaderAndPayload() async throws {
        let verifier = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let mine = try await token().split(separator: ".")
        let other = try await token(TestClaims(sub: "1002")).split(separator: ".")
        #expect(throws: TokenRejection.badSignature) {
            try verifier.verify("\(mine[0]).\(other[1]).\(mine[2])", at: .start)
        }
    }

    @Test func publicKeysVerifyTheirOwnAlgorithm() async throws {
        let rsa = JWTKeyCollection()
        await rsa.add(rsa: try TestKeys.rsa(), digestAlgorithm: .sha256)
        let es = ES256PrivateKey()
        let ecdsa = JWTKeyCollection()
        await ecdsa.add(ecdsa: es)
        let eddsa = JWTKeyCollection()
        await eddsa.add(eddsa: try TestKeys.ed25519())
        let cases = [
            (rsa, TestKeys.rsaPEM), (ecdsa, es.publicKey.pemRepresentation), (eddsa, TestKeys.ed25519PEM),
        ]
        for (index, (_, pem)) in cases.enumerated() {
            let verifier = try await TokenVerifier(publicKeyPEM: pem)
            for (other, (keys, _)) in cases.enumerated() {
                let token = try await signed(keys)
                if index == other {
                    #expect(try verifier.verify(token, at: .start).subject == "1001")
                } else {
                    #expect(throws: TokenRejection.wrongAlgorithm) { try verifier.verify(token, at: .start) }
                }
            }
        }
    }

    @Test func aPublicKeyIsNoSecret() async throws {
        let verifier = try await TokenVerifier(publicKeyPEM: TestKeys.rsaPEM)
        let forged = try await token(secret: Array(TestKeys.rsaPEM.utf8))
        #expect(throws: TokenRejection.wrongAlgorithm) { try verifier.verify(forged, at: .start) }
    }

    @Test func aSetFindsItsKeyByName() async throws {
        let (first, second) = (ES256PrivateKey(), ES256PrivateKey())
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: first, kid: "one").add(ecdsa: second, kid: "two")
        await keys.add(eddsa: try TestKeys.ed25519(), kid: "three").add(
            rsa: try TestKeys.rsa(), digestAlgorithm: .sha256, kid: "four")
        let set = """
            {"keys":[{"kty":"oct","k":"AAAA","kid":"strange"},\(try jwk(first, "one")),\(try jwk(second, "two")),
            {"kty":"OKP","crv":"Ed25519","kid":"three","use":"sig","x":"\(TestKeys.ed25519X)"},
            {"kty":"RSA","kid":"four","n":"\(TestKeys.rsaModulus)","e":"AQAB"}]}
            """
        let verifier = try await TokenVerifier(jwks: Array(set.utf8))
        for kid in ["one", "two", "three", "four"] as [JWKIdentifier] {
            let token = try await signed(keys, kid: kid)
            #expect(try verifier.verify(token, at: .start).tenant == "acme")
        }
        let stranger = JWTKeyCollection()
        await stranger.add(ecdsa: first, kid: "two").add(ecdsa: first, kid: "five")
        let swapped = try await signed(stranger, kid: "two")
        #expect(throws: TokenRejection.badSignature) { try verifier.verify(swapped, at: .start) }
        let unknown = try await signed(stranger, kid: "five")
        #expect(throws: TokenRejection.unknownKey) { try verifier.verify(unknown, at: .start) }
    }

    @Test(arguments: ["", "{}", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA"}]}"#])
    func aSetWithoutAUsableKeyIsAnError(set: String) async {
        await #expect(throws: TokenKeyError.self) { try await TokenVerifier(jwks: Array(set.utf8)) }
    }

    @Test func keysThatAreNoneAreAnError() async {
        await #expect(throws: TokenKeyError.self) {
            try await TokenVerifier(hs256Secret: Array(TestSecret.acme.dropLast()))
        }
        await #expect(throws: TokenKeyError.self) { try await TokenMinter(hs256Secret: [1, 2, 3]) }
        await #expect(throws: TokenKeyError.self) { try await TokenVerifier(publicKeyPEM: "no key") }
        let secret = ES256PrivateKey().pemRepresentation
        await #expect(throws: TokenKeyError.self) { try await TokenVerifier(publicKeyPEM: secret) }
    }

    @Test func mintedTokensAreAcceptedForTheirTime() async throws {
        let minter = try await TokenMinter(hs256Secret: TestSecret.acme, now: { .start })
        let verifier = try await TokenVerifier(hs256Secret: TestSecret.acme)
        let token = try await minter.mint(
            extension: Extension("1007"), tenant: .acme, scopes: [.agent, .admin], ttl: .seconds(3600))
        let claims = try verifier.verify(token, at: Timestamp.start.adding(.seconds(3599)))
        #expect(claims.subject == "1007")
        #expect(claims.scopes == ["agent", "admin"])
        #expect(throws: TokenRejection.expired) {
            try verifier.verify(token, at: Timestamp.start.adding(.seconds(3600)))
        }
    }

    private func jwk(_ key: ES256PrivateKey, _ kid: String) throws -> String {
        let point = try #require(key.publicKey.parameters)
        return #"{"kty":"EC","crv":"P-256","kid":"\#(kid)","alg":"ES256","x":"\#(point.x)","y":"\#(point.y)"}"#
    }
}

func base64URL(_ text: String) -> String {
    Data(text.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
        .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
}
