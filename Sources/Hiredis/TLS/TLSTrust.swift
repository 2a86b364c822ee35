internal import Certificates
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// What a connection over TLS needs of the files: whom it trusts, and the TLS library's context made of it.
struct TLSTrust: Sendable {
    let authorities: TrustedAuthorities
    let context: NIOSSLContext

    private struct Files: Hashable {
        let authorities: TrustedAuthorities
        let pair: CertificatePair?
    }

    /// The last one made for each setting: the system's authorities take a tenth of a second to read.
    private static let kept = Mutex<[RedisTLS: (files: Files, trust: TLSTrust)]>([:])

    /// Reads the files: not for the loop's thread.
    static func read(_ tls: RedisTLS) throws(CertificateProblem) -> TLSTrust {
        let authorities = try TrustedAuthorities(path: tls.authorityPath)
        var pair: CertificatePair?
        if let certificate = tls.certificatePath, let key = tls.keyPath {
            pair = try CertificatePair(certificatePath: certificate, keyPath: key)
        }
        let files = Files(authorities: authorities, pair: pair)
        if let known = kept.withLock({ $0[tls] }), known.files == files { return known.trust }
        do {
            var configuration = authorities.clientConfiguration(showing: pair)
            // A server that hangs says no good-bye either: its socket is not kept for longer.
            configuration.shutdownTimeout = .seconds(1)
            let context = try NIOSSLContext(configuration: configuration)
            let trust = TLSTrust(authorities: authorities, context: context)
            kept.withLock { $0[tls] = (files, trust) }
            return trust
        } catch {
            throw CertificateProblem(
                "the files of TLS cannot be used (\(error)): check ca_file, cert_file and key_file")
        }
    }
}
