import CTICore
import CTIPipeline
import Synchronization

/// What the hub counts, for metrics. All of it only grows, but `openStreams`.
public final class HubCounters: Sendable {
    let open = Atomic<Int>(0)
    let sent = Atomic<Int>(0)
    let overflows = Atomic<Int>(0)
    let cut = Atomic<Int>(0)

    /// `nil` where the hub serves plain HTTP.
    let certificate: ServerCertificate?
    private let delivering = Mutex<[TenantID: DeliveryTimes]>([:])

    public init(certificate: ServerCertificate? = nil) { self.certificate = certificate }

    /// Streams open now.
    public var openStreams: Int { open.load(ordering: .relaxed) }
    /// Frames taken for sending, over all streams.
    public var framesSent: Int { sent.load(ordering: .relaxed) }
    /// Streams ended because their client did not read fast enough.
    public var mailboxOverflows: Int { overflows.load(ordering: .relaxed) }
    /// Connections closed under a client that did not even read a stream's end.
    public var streamsCut: Int { cut.load(ordering: .relaxed) }

    /// Of a tenant's streams; asked for when one opens.
    func times(of tenant: TenantID) -> DeliveryTimes {
        delivering.withLock { all in
            if let times = all[tenant] { return times }
            let times = DeliveryTimes()
            all[tenant] = times
            return times
        }
    }

    /// Of these tenants alone: those of others are forgotten.
    func deliveryTimes(of tenants: [TenantID]) -> [(id: TenantID, times: Timings)] {
        delivering.withLock { all in
            let gone = Set(all.keys).subtracting(tenants)
            for tenant in gone { all[tenant] = nil }
            return tenants.map { ($0, all[$0]?.timings ?? Timings()) }
        }
    }
}

/// From the moment a frame was handed to its stream, right after it was recorded, until it was written to the connection.
public final class DeliveryTimes: Sendable {
    private let state = Mutex(Timings())
    var timings: Timings { state.withLock { $0 } }

    func add(_ time: Duration, frames: Int) { state.withLock { $0.add(time, count: frames) } }
}
