import Synchronization

/// What the hub counts, for metrics. All of it only grows, but `openStreams`.
public final class HubCounters: Sendable {
    let open = Atomic<Int>(0)
    let sent = Atomic<Int>(0)
    let overflows = Atomic<Int>(0)
    let cut = Atomic<Int>(0)

    /// `nil` where the hub serves plain HTTP.
    let certificate: ServerCertificate?

    public init(certificate: ServerCertificate? = nil) { self.certificate = certificate }

    /// Streams open now.
    public var openStreams: Int { open.load(ordering: .relaxed) }
    /// Frames taken for sending, over all streams.
    public var framesSent: Int { sent.load(ordering: .relaxed) }
    /// Streams ended because their client did not read fast enough.
    public var mailboxOverflows: Int { overflows.load(ordering: .relaxed) }
    /// Connections closed under a client that did not even read a stream's end.
    public var streamsCut: Int { cut.load(ordering: .relaxed) }
}
