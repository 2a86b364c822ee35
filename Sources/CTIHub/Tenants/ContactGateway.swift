public import CTICore

/// What the hub asks of a tenant's contact directory.
public protocol ContactGateway: Sendable {
    /// Those whom the reference, else the number, belongs to, as a JSON array.
    ///
    /// - Parameter masked: for somebody who must not see numbers.
    func find(number: String?, reference: String?, masked: Bool) -> [UInt8]

    /// Replaces what was imported earlier. Comes back with the report, a JSON object, once the new directory is in use.
    ///
    /// - Parameter type: the media type, in lower case and without parameters.
    func replace(
        with body: any AsyncSequence<[UInt8], any Error> & Sendable, type: String
    ) async throws(ContactRefusal) -> [UInt8]

    func metrics() -> ContactMetrics
}

/// Why an import was refused; the directory stays as it was.
public enum ContactRefusal: Error, Sendable, Hashable {
    /// No kind of contacts has this media type.
    case unknownType
    case tooLarge
    /// Another import is under way.
    case busy
    /// What is wrong with the body, without a word of it.
    case unusable(String)
    /// The body did not come to its end.
    case incomplete
    /// What is wrong here, not with the body.
    case unavailable(String)
}

/// How a tenant's directory is, at one moment.
public struct ContactMetrics: Sendable, Hashable {
    /// The inactive ones, too.
    public var contacts: Int
    public var readAt: Timestamp
    /// What was wrong with the files when they were read.
    public var findings: Int
    /// Files that could not be read, and imports refused, since the start.
    public var failures: Int

    public init(contacts: Int, readAt: Timestamp, findings: Int, failures: Int) {
        self.contacts = contacts
        self.readAt = readAt
        self.findings = findings
        self.failures = failures
    }
}
