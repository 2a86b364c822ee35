/// What is wrong with a certificate or a key, ours or the other side's, in words for the person who can mend it.
///
/// Files are named by their paths, authorities by their names; nothing of a key is in it.
public struct CertificateProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
