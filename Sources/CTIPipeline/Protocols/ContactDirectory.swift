public import CTICore

/// Who is calling. Asked in place for every event, so it answers from memory and never blocks.
public protocol ContactDirectory: Sendable {
    /// By the reference that the caller typed, before by number; several where a number is shared, in a fixed order;
    /// none for a withheld number.
    func matches(reference: String?, caller: String, callerE164: String?) -> [Contact]
}

/// A directory without anybody in it.
public struct EmptyContactDirectory: ContactDirectory {
    public init() {}
    public func matches(reference: String?, caller: String, callerE164: String?) -> [Contact] { [] }
}
