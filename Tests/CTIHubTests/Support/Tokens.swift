import CTICore
import CTIHub
import JWTKit

/// Claims of any shape, for tokens that should and should not be accepted.
struct TestClaims: JWTPayload {
    var sub: String? = "1001"
    var tenant: String? = "acme"
    var scope: String? = "agent supervisor"
    var exp: Double? = Double(Timestamp.start.milliseconds / 1000 + 60)
    var nbf: Double?

    func verify(using algorithm: some JWTAlgorithm) {}
}

enum TestSecret {
    static let acme = Array("0123456789abcdef0123456789abcdef".utf8)
    static let other = Array("fedcba9876543210fedcba9876543210".utf8)
}

/// A token signed HS256 with `secret`.
func token(_ claims: TestClaims = TestClaims(), secret: [UInt8] = TestSecret.acme) async throws -> String {
    let keys = JWTKeyCollection()
    await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
    return try await keys.sign(claims)
}
