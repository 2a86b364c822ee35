import Synchronization

/// What a ``SocketServer`` counts. All of it only grows, but the sessions that are open.
public final class SocketCounters: Sendable {
    let polling = Atomic<Int>(0)
    let webSocket = Atomic<Int>(0)
    let unjoined = Atomic<Int>(0)
    let sent = Atomic<Int>(0)
    let overflowed = Atomic<Int>(0)
    let silent = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let turnedAway = Atomic<Int>(0)
    let rejected = Atomic<Int>(0)

    public init() {}

    /// Sessions open now, by what carries them.
    public func sessions(_ transport: EngineSession.Transport) -> Int {
        switch transport {
        case .polling: polling.load(ordering: .relaxed)
        case .webSocket: webSocket.load(ordering: .relaxed)
        }
    }
    /// Sessions open now that have joined no namespace.
    public var unjoinedSessions: Int { unjoined.load(ordering: .relaxed) }
    /// Events taken for sending.
    public var eventsSent: Int { sent.load(ordering: .relaxed) }
    /// Sessions ended because their client did not read.
    public var overflows: Int { overflowed.load(ordering: .relaxed) }
    /// Sessions ended because their client did not answer a ping.
    public var pingTimeouts: Int { silent.load(ordering: .relaxed) }
    /// Clients that were not let into a namespace.
    public var refusedConnects: Int { refused.load(ordering: .relaxed) }
    /// Sessions that were not opened, as there were too many.
    public var refusedSessions: Int { turnedAway.load(ordering: .relaxed) }
    /// Sessions ended because of what their client sent.
    public var protocolErrors: Int { rejected.load(ordering: .relaxed) }

    func count(_ change: Int, _ transport: EngineSession.Transport) {
        switch transport {
        case .polling: polling.wrappingAdd(change, ordering: .relaxed)
        case .webSocket: webSocket.wrappingAdd(change, ordering: .relaxed)
        }
    }

    func count(_ end: EngineEnd) {
        switch end {
        case .pingTimeout: silent.wrappingAdd(1, ordering: .relaxed)
        case .overlap, .garbage, .tooLarge, .flooded, .joinTimeout: rejected.wrappingAdd(1, ordering: .relaxed)
        case .overflow, .closedByClient, .connectionLost, .closedByServer, .shutdown: break
        }
    }
}
