/// What a client keeps while others emit: the session, the events under way, and what waits to be written.
///
/// Bounded: events by ``EmitBook``, answers to the server by ``mostAnswers``; who waits for a connection are the
/// callers, whose number is theirs to bound.
struct ClientState {
    typealias Instant = ContinuousClock.Instant
    typealias Outcome = Result<Void, ClientTrouble>

    struct Outgoing {
        var packet: EnginePacket
        /// Of an event.
        var emit: Int?
    }

    /// What the one who runs the connection does next.
    enum Step: Hashable {
        case goOn
        case upgrade(sid: String)
        case abandonUpgrade
        case end(ClientTrouble)
    }

    /// Answers to pings that nobody reads; a server that sends more is hung up on.
    static let mostAnswers = 64
    /// Bytes of a message, where the server does not tell how many it takes.
    static let largestMessage = 1_000_000
    /// Some servers take no more in one body.
    static let mostPackets = 16

    private(set) var session: ClientSession?
    private(set) var emits: EmitBook
    private(set) var counters = ClientCounters()
    /// Why there was no connection last.
    private(set) var trouble = ClientTrouble(.unreachable, "not connected yet")
    private(set) var connectedAt: Instant?
    private var outbox: [Outgoing] = []
    private var waiters: [Int: CheckedContinuation<Outcome, Never>] = [:]
    private var arrivals: [Int: CheckedContinuation<Void, Never>] = [:]
    private var nextArrival = 0
    /// Tells the connection's writer that there is something to write.
    private var waker: AsyncStream<Void>.Continuation?

    init(emits: EmitBook) { self.emits = emits }

    var isConnected: Bool { session?.phase == .connected }

    private var largestMessage: Int { min(session?.handshake?.maxPayload ?? Self.largestMessage, Self.largestMessage) }
}

// MARK: - The connection

extension ClientState {
    mutating func begin(_ session: ClientSession) {
        (self.session, connectedAt, outbox) = (session, nil, [])
    }

    /// What wakes the writer of the transport that is used now; one signal stands for all before it.
    mutating func wakes() -> AsyncStream<Void> {
        let (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.waker = waker
        waker.yield()
        return wakes
    }

    mutating func handle(_ input: ClientSession.Input, at now: Instant) -> Step {
        guard var session else { return .end(.stopped) }
        if case .upgradeFailed = input { outbox = [] }
        let ignored = session.ignored
        let actions = session.handle(input, at: now)
        counters.ignored += session.ignored - ignored
        self.session = session
        var step = Step.goOn
        for action in actions { perform(action, &step, now) }
        if !outbox.isEmpty { waker?.yield() }
        if step == .goOn, case .tick = input { return lapse(now) }
        return step
    }

    private mutating func perform(_ action: ClientSession.Action, _ step: inout Step, _ now: Instant) {
        switch action {
        case .send(let packet):
            outbox.append(Outgoing(packet: packet))
            if outbox.count > Self.mostAnswers + emits.capacity {
                step = .end(ClientTrouble(.garbled, "more pings than can be answered"))
            }
        case .upgrade(let sid): step = .upgrade(sid: sid)
        case .abandonUpgrade: step = .abandonUpgrade
        case .connected: connected(now)
        case .acknowledged(let id):
            counters.acknowledgements += 1
            finish(emits.acknowledged(id))
        case .end(let trouble): step = .end(trouble)
        }
    }

    private mutating func connected(_ now: Instant) {
        connectedAt = now
        counters.isConnected = true
        counters.connects += 1
        for arrival in arrivals.values { arrival.resume() }
        arrivals = [:]
    }

    private mutating func lapse(_ now: Instant) -> Step {
        let lapsed = emits.lapse(at: now)
        finish(lapsed.endings)
        return lapsed.isDeaf ? .end(ClientTrouble(.unanswered, "the server does not answer any more")) : .goOn
    }

    /// All that is under way failed. Returns how long the connection was there.
    mutating func lost(_ trouble: ClientTrouble, at now: Instant) -> Duration {
        let lasted = connectedAt.map { $0.duration(to: now) } ?? .zero
        finish(emits.connectionLost())
        (session, connectedAt, outbox, waker, self.trouble) = (nil, nil, [], nil, trouble)
        counters.isConnected = false
        counters.failures += 1
        return lasted
    }

    /// What may be written at once: as many packets and bytes as the server takes in one body.
    mutating func takeOutgoing() -> [Outgoing] {
        var bytes = 0
        let count = outbox.prefix(Self.mostPackets).prefix { outgoing in
            // A digit for its kind, a separator or a length.
            bytes += outgoing.packet.payload.bytes.count + 12
            return bytes <= largestMessage + 12
        }.count
        defer { outbox.removeFirst(count) }
        return Array(outbox.prefix(count))
    }

    mutating func read(upTo id: Int) { finish(emits.read(upTo: id)) }

    private mutating func finish(_ endings: [EmitBook.Ending]) {
        counters.unacknowledged = emits.unacknowledged
        for ending in endings {
            if case .failed = ending.outcome { counters.unconfirmed += 1 }
            waiters.removeValue(forKey: ending.id)?.resume(returning: ending.outcome.result)
        }
    }
}

// MARK: - Those who emit

extension ClientState {
    /// Queues an event. It fails at once where it cannot be sent, else `waiter` hears of it.
    mutating func emit(
        _ event: ClientEvent, waiter: CheckedContinuation<Outcome, Never>, at now: Instant
    ) -> Int? {
        func fail(_ trouble: ClientTrouble) -> Int? {
            waiter.resume(returning: .failure(trouble))
            return nil
        }
        guard let session, session.phase == .connected else { return fail(trouble) }
        let packet = event.packet(session.settings, id: emits.nextID)
        guard packet.payload.bytes.count < largestMessage else {
            return fail(ClientTrouble(.tooLarge, "more than the \(largestMessage) bytes that the server takes"))
        }
        guard let id = emits.begin(event.key, at: now) else {
            return fail(ClientTrouble(.busy, "\(emits.capacity) events are under way already"))
        }
        waiters[id] = waiter
        outbox.append(Outgoing(packet: packet, emit: id))
        counters.emits += 1
        waker?.yield()
        return id
    }

    mutating func forget(_ id: Int) {
        emits.forget(id)
        waiters.removeValue(forKey: id)?.resume(
            returning: .failure(ClientTrouble(.unanswered, "nobody waited for its confirmation")))
    }

    /// `nil` where nobody has to wait.
    mutating func arrive(_ arrival: CheckedContinuation<Void, Never>) -> Int? {
        guard !isConnected else {
            arrival.resume()
            return nil
        }
        nextArrival += 1
        arrivals[nextArrival] = arrival
        return nextArrival
    }

    mutating func leave(_ arrival: Int) { arrivals.removeValue(forKey: arrival)?.resume() }
}

extension EmitBook.Outcome {
    fileprivate var result: ClientState.Outcome {
        switch self {
        case .delivered: .success(())
        case .failed(let trouble): .failure(trouble)
        }
    }
}
