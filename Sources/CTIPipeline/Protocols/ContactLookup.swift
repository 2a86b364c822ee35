public import CTICore

/// Asks somebody else who is calling: a CRM over HTTP. It may take its time; the call waits for it, up to ``timeout``,
/// and nobody else does.
public protocol ContactLookup: Sendable {
    /// An answer that takes longer is not waited for.
    var timeout: Duration { get }
    /// Nobody found is an empty answer. Cancelled when nobody waits any more.
    func contacts(for context: PlanContext) async throws(ContactLookupError) -> [Contact]
}

/// Why there was no answer, in words without a number or a name.
public struct ContactLookupError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
