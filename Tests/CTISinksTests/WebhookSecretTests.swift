import Crypto
import Foundation
import Testing

@testable import CTISinks

struct WebhookSecretTests {
    /// The specification's published example.
    @Test func signsAsTheSpecificationDoes() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    /// Checked with the PyPI package `standardwebhooks`, given the same bytes.
    @Test func aTextWithoutPrefixIsTheKeyItself() throws {
        let secret = try WebhookSecret("a plain secret of some length")
        let signature = secret.signature(id: "msg_acme_1", timestamp: 1_614_265_330, body: Array("{}".utf8))
        #expect(signature == "v1,VqwLTgSB4XOVWq3PBOLHcT1RwMmRDf+xuGxWsDsD4kU=")
    }

    @Test(arguments: [true, false]) func anEd25519KeySignsWhatItsPublicKeyVerifies(withPublicKey: Bool) throws {
        let key = Curve25519.Signing.PrivateKey()
        let raw = key.rawRepresentation + (withPublicKey ? key.publicKey.rawRepresentation : Data())
        let secret = try WebhookSecret("whsk_" + raw.base64EncodedString())
        let signature = secret.signature(id: "msg_1", timestamp: 5, body: Array("{}".utf8))
        #expect(signature.hasPrefix("v1a,"))
        let bytes = try #require(Data(base64Encoded: String(signature.dropFirst(4))))
        #expect(key.publicKey.isValidSignature(bytes, for: Data("msg_1.5.{}".utf8)))
        #expect(!key.publicKey.isValidSignature(bytes, for: Data("msg_1.6.{}".utf8)))
        #expect(secret.publicKey == "whpk_" + key.publicKey.rawRepresentation.base64EncodedString())
    }

    private static func shared(_ count: Int) -> String {
        "whsec_" + Data(repeating: 7, count: count).base64EncodedString()
    }

    @Test func theirSizesHaveLimits() throws {
        for count in [24, 25, 64] { _ = try WebhookSecret(Self.shared(count)) }
        _ = try WebhookSecret(Self.shared(25).replacing("=", with: ""))
        for count in [0, 23, 65] {
            #expect(throws: WebhookSecret.Problem.self) { try WebhookSecret(Self.shared(count)) }
        }
        _ = try WebhookSecret(String(repeating: "k", count: 24))
        #expect(throws: WebhookSecret.Problem("holds 23 bytes, expected at least 24")) {
            try WebhookSecret(String(repeating: "k", count: 23))
        }
        #expect(throws: WebhookSecret.Problem.self) { try WebhookSecret("whsec_" + String(repeating: "*", count: 40)) }
        #expect(throws: WebhookSecret.Problem.self) {
            try WebhookSecret("whsk_" + Data(repeating: 1, count: 33).base64EncodedString())
        }
        #expect(throws: WebhookSecret.Problem.self) {
            try WebhookSecret("whsk_" + Data(repeating: 1, count: 64).base64EncodedString())
        }
    }

    @Test func aFileHoldsOneALine() throws {
        let text = " \(Self.shared(24)) \r\n\n\(Self.shared(32))\n"
        #expect(try WebhookSecret.all(in: text).count == 2)
        #expect(throws: WebhookSecret.Problem("line 2 holds 5 bytes, expected at least 24")) {
            try WebhookSecret.all(in: "\(Self.shared(24))\nshort")
        }
        #expect(throws: WebhookSecret.Problem("is empty, expected a secret a line")) {
            try WebhookSecret.all(in: "\n \n")
        }
        let many = Array(repeating: Self.shared(24), count: 9).joined(separator: "\n")
        #expect(throws: WebhookSecret.Problem("holds 9 secrets, expected 8 at most")) {
            try WebhookSecret.all(in: many)
        }
    }

    @Test func nothingShowsThem() throws {
        let secret = try WebhookSecret("a plain secret of some length")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] { #expect(!text.contains("plain")) }
    }
}
