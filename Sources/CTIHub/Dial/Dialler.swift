public import CTICore

/// Has the PBX connect an agent's telephone with a number.
public protocol Dialler: Sendable {
    /// Comes back once the PBX took it; the telephone rings after that.
    func dial(_ number: String, contactRef: String?, agent: Extension) async throws(DialFailure)
}

/// Why nothing was dialled. No message holds a number.
public enum DialFailure: Error, Hashable, Sendable {
    /// By the PBX's rules of numbers; the text says which.
    case refused(String)
    /// The PBX answered with this status.
    case answered(UInt)
    case unreachable
    case timedOut
}
