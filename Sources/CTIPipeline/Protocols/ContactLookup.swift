public import CTICore

/// Asks somebody else who is calling: a CRM over HTTP. It may take its time; the call waits for it, up to ``timeout``,
/// and nobody else does.
public protocol ContactLookup: Sendable {
    /// An answer that takes longer is not waited for.
    var timeout: Duration { get }
    /// What can be said at once, so that the call need not wait: an answer of a moment ago, or that nobody is asked now.
    func known(for context: PlanContext) -> LookupAnswer?
    /// Nobody found is an empty answer. Cancelled when nobody waits any more.
    func contacts(for context: PlanContext) async throws(ContactLookupError) -> [Contact]
    /// `nil` where nothing is counted.
    func metrics() -> LookupMetrics?
}

extension ContactLookup {
    public func known(for context: PlanContext) -> LookupAnswer? { nil }
    public func metrics() -> LookupMetrics? { nil }
}

/// Why there was no answer, in words without a number or a name.
public struct ContactLookupError: Error, Sendable, Hashable, CustomStringConvertible {
    public let outcome: LookupOutcome
    public let description: String

    public init(_ outcome: LookupOutcome, _ description: String) {
        self.outcome = outcome
        self.description = description
    }
}
