internal import Glibc
public import NIOSSL

/// Why a TLS connection to a server did not come to be, or broke, told from what the TLS library says.
public enum HandshakeFailure: Error, Hashable, Sendable {
    /// Somebody has to mend a setting, a file, or a certificate.
    case needsMending(CertificateProblem)
    /// The connection ended, as connections do.
    case brokeOff

    /// - Parameter certificate: the server's, where it was seen.
    public init(_ error: any Error, of certificate: NIOSSLCertificate?, trusting authorities: TrustedAuthorities) {
        // The library tells most of it by names in text alone.
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self = .needsMending(authorities.problem(with: certificate, now: time(nil)))
        } else if let words = Self.words.first(where: { text.contains($0.mark) })?.words {
            self = .needsMending(CertificateProblem(words))
        } else {
            self = .brokeOff
        }
    }

    private static let demandsCertificate =
        "the server demands a client certificate: set cert_file and key_file"

    /// The names of OpenSSL and its kin; alerts are what the server said, the others what we found.
    private static let words: [(mark: String, words: String)] = [
        ("ALERT_CERTIFICATE_REQUIRED", demandsCertificate),
        (
            "ALERT_HANDSHAKE_FAILURE",
            "the server ended the TLS hand-shake: it may demand a client certificate (cert_file and key_file), or it "
                + "shares no cipher with us"
        ),
        (
            "ALERT_UNKNOWN_CA",
            "the server does not know who signed our certificate: it must trust the authority that signed cert_file"
        ),
        ("ALERT_CERTIFICATE_EXPIRED", "the server says that our certificate has expired: renew cert_file"),
        ("ALERT_BAD_CERTIFICATE", "the server refuses our certificate: look at cert_file and at the server's log"),
        ("ALERT_UNSUPPORTED_CERTIFICATE", "the server refuses our certificate's kind: is it one for clients?"),
        ("ALERT_CERTIFICATE_REVOKED", "the server says that our certificate was revoked: renew cert_file"),
        ("ALERT_CERTIFICATE_UNKNOWN", "the server refuses our certificate: look at cert_file and at the server's log"),
        ("ALERT_ACCESS_DENIED", "the server does not let our certificate in"),
        ("ALERT_UNRECOGNIZED_NAME", "the server knows no certificate for the host's name: check the URL's host"),
        ("ALERT_PROTOCOL_VERSION", oldVersion), ("UNSUPPORTED_PROTOCOL", oldVersion),
        ("WRONG_VERSION_NUMBER", Self.plain), ("HTTP_REQUEST", Self.plain),
    ]

    private static let oldVersion = "the server speaks no TLS from 1.2 on: let it"
    private static let plain = "what answers there speaks no TLS: expected its TLS port, or a URL without TLS"
}
