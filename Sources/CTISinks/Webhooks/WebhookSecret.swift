internal import Crypto
internal import Foundation

/// A key that signs what is sent: a shared secret (HMAC-SHA256, `v1`), or an Ed25519 key of our own (`v1a`).
///
/// In a file: one a line, so that a new one can be there before the old one goes. `whsec_` and base64 of 24 to 64 bytes;
/// `whsk_` and base64 of a seed of 32 bytes, or of seed and public key; or a text without prefix of at least 24 bytes, which
/// is the key as it stands.
public struct WebhookSecret: Sendable {
    private enum Key: Sendable {
        case shared(SymmetricKey)
        case own(Curve25519.Signing.PrivateKey)
    }

    private let key: Key

    static let sizes = 24...64
    /// Each is a signature in a header.
    static let most = 8

    /// All of a file's; the description of what is wrong tells the line, and nothing of what is in it.
    public static func all(in text: String) throws(Problem) -> [WebhookSecret] {
        var secrets: [WebhookSecret] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty else { continue }
            do throws(Problem) {
                secrets.append(try WebhookSecret(line))
            } catch {
                throw Problem("line \(number + 1) \(error)")
            }
        }
        guard !secrets.isEmpty else { throw Problem("is empty, expected a secret a line") }
        guard secrets.count <= most else { throw Problem("holds \(secrets.count) secrets, expected \(most) at most") }
        return secrets
    }

    public init(_ text: String) throws(Problem) {
        if text.hasPrefix("whsec_") {
            key = .shared(SymmetricKey(data: try Self.decoded(text.dropFirst(6), sizes: Self.sizes)))
        } else if text.hasPrefix("whsk_") {
            key = .own(try Self.signingKey(text.dropFirst(5)))
        } else {
            let count = text.utf8.count
            guard count >= Self.sizes.lowerBound else {
                throw Problem("holds \(count) bytes, expected at least \(Self.sizes.lowerBound)")
            }
            key = .shared(SymmetricKey(data: Data(text.utf8)))
        }
    }

    /// `v1,…` or `v1a,…`, of `id.timestamp.body`.
    func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let content = Data("\(id).\(timestamp).".utf8) + body
        switch key {
        case .shared(let secret):
            return "v1," + Data(HMAC<SHA256>.authenticationCode(for: content, using: secret)).base64EncodedString()
        case .own(let key):
            // Fails for no key and no content; without a signature a receiver would refuse it.
            return "v1a," + ((try? key.signature(for: content))?.base64EncodedString() ?? "")
        }
    }

    /// `whpk_…`, which verifies what an Ed25519 key signed; a shared secret has none.
    public var publicKey: String? {
        guard case .own(let key) = key else { return nil }
        return "whpk_" + key.publicKey.rawRepresentation.base64EncodedString()
    }

    private static func signingKey(_ text: Substring) throws(Problem) -> Curve25519.Signing.PrivateKey {
        let bytes = try decoded(text, sizes: 32...64)
        guard bytes.count == 32 || bytes.count == 64,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.prefix(32))
        else { throw Problem("holds \(bytes.count) bytes, expected an Ed25519 key of 32 or 64 bytes") }
        guard bytes.count == 32 || key.publicKey.rawRepresentation == bytes.suffix(32) else {
            throw Problem("is not a pair of Ed25519 keys, expected the public key that belongs to the other")
        }
        return key
    }

    private static func decoded(_ text: Substring, sizes: ClosedRange<Int>) throws(Problem) -> Data {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: text + padding) else {
            throw Problem("is not base64 behind its prefix, expected as openssl rand -base64 32 writes it")
        }
        guard sizes.contains(bytes.count) else {
            throw Problem("holds \(bytes.count) bytes, expected \(sizes.lowerBound) to \(sizes.upperBound)")
        }
        return bytes
    }
}

extension WebhookSecret {
    /// What is wrong with a secret, without a word of it.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }
}

extension WebhookSecret: CustomStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
