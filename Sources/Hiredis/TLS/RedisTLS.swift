/// How a server's certificate is verified, and which one of our own is shown: paths of PEM files.
///
/// They are read at each connection, so that renewed ones are used from the next on.
public struct RedisTLS: Sendable, Hashable {
    /// Who may have signed the server's certificate; `nil`: whom the system trusts.
    public var authorityPath: String?
    /// Ours, for a server that asks for it. Both or neither.
    public var certificatePath: String?
    public var keyPath: String?

    public init(authorityPath: String? = nil, certificatePath: String? = nil, keyPath: String? = nil) {
        self.authorityPath = authorityPath
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }
}
