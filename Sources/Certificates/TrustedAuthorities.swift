public import NIOSSL

/// Who may have signed a server's certificate: the authorities of one file, or the system's.
public struct TrustedAuthorities: Sendable, Hashable {
    /// `nil`: the system's.
    public let path: String?
    let certificates: [NIOSSLCertificate]

    public init(path: String?) throws(CertificateProblem) {
        self.path = path
        certificates = try path.map { path throws(CertificateProblem) in try PEMFile(path).certificates() } ?? []
    }

    /// For a client that verifies by whom the server's certificate was signed. Whose it is must be looked at, too: see
    /// ``ServerNames``.
    public func clientConfiguration(showing pair: CertificatePair?) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // NIOSSL takes a certificate of another name, too, if it has the peer's address.
        configuration.certificateVerification = .noHostnameVerification
        if path != nil { configuration.trustRoots = .certificates(certificates) }
        if let pair {
            configuration.certificateChain = pair.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(pair.key)
        }
        return configuration
    }

    /// Why a certificate that was not trusted was not; most of the time it can be seen from the certificate.
    ///
    /// - Parameter now: seconds since 1970.
    func problem(with certificate: NIOSSLCertificate?, now: Int) -> CertificateProblem {
        guard let certificate else { return unknownAuthority("") }
        let (from, until) = (Int(certificate.notValidBefore), Int(certificate.notValidAfter))
        if now > until {
            return CertificateProblem("the server's certificate expired on \(UTCDate(until)): renew it")
        }
        if now < from {
            return CertificateProblem(
                "the server's certificate is not valid before \(UTCDate(from)): look at the clocks of both machines")
        }
        if let path, let expired = certificates.map({ Int($0.notValidAfter) }).filter({ $0 < now }).max() {
            return CertificateProblem(
                "an authority's certificate in \(path) expired on \(UTCDate(expired)), and the server's is not trusted: "
                    + "expected the current one")
        }
        return unknownAuthority(IssuerName(of: certificate).map { " (\($0))" } ?? "")
    }

    private func unknownAuthority(_ issuer: String) -> CertificateProblem {
        let whom = path.map { "by none of the authorities in \($0)" } ?? "by none of the system's authorities"
        return CertificateProblem(
            "the server's certificate is signed \(whom)\(issuer): name the file of who signed it as ca_file, and let "
                + "the server send its intermediate certificates, too")
    }
}
