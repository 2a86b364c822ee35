public import NIOSSL

/// A certificate with its chain, and the private key that belongs to it, as two PEM files hold them.
public struct CertificatePair: Sendable, Hashable {
    /// Ours first, then who signed it.
    public let chain: [NIOSSLCertificate]
    public let key: NIOSSLPrivateKey

    /// Reads both. Files that do not belong together are a problem here, not at the first connection.
    public init(certificatePath: String, keyPath: String) throws(CertificateProblem) {
        chain = try PEMFile(certificatePath).certificates()
        key = try PEMFile(keyPath).privateKey()
        do {
            _ = try NIOSSLContext(configuration: serverConfiguration)
        } catch {
            throw CertificateProblem(
                "the key in \(keyPath) is not that of the first certificate in \(certificatePath), expected a pair")
        }
    }

    /// Seconds since 1970: when the first certificate of the chain ends.
    public var expiresAt: Int { chain.first.map { Int($0.notValidAfter) } ?? 0 }

    /// For a server that shows this certificate.
    public var serverConfiguration: TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }
}
