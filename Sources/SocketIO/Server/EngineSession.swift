public import NIOCore

/// One session of Engine.IO 4, as a server sees it. Pure: it is told what comes and what time it is, and answers with
/// what is to be done, in order.
///
///     GET without sid ──▶ polling ── WebSocket with sid ──▶ probing ── 5 ──▶ WebSocket
///                            ▲                                 │
///                            └──────── gone, or too late ──────┘
///     WebSocket without sid ─────────────────────────────────────────────▶ WebSocket
///
///     probing:   client 2probe ─▶ 3probe, and a noop for the poll that waits: the client stops polling, then sends 5
///     ping:      the server sends 2 every `pingInterval`; without a 3 within `pingTimeout` the session is over
///
/// What is sent waits here until the transport can take it: the next poll, or a WebSocket whose client reads. When it is
/// full (`outgoingBytes` or more wait; one packet may go beyond), further packets are not taken and the session ends
/// once what waits has been read. The client comes back and resumes; nothing is out of order.
public struct EngineSession: Sendable {
    public enum Input: Sendable {
        case poll, pollGone
        case postBegan
        case posted([EnginePacket])
        case postFailed(EngineEnd)
        case packet(EnginePacket)
        case probeOpened
        case probePacket(EnginePacket)
        case probeGone
        /// All that was to be written has been; `more`: the client keeps up.
        case wrote(more: Bool)
        case writable
        case connectionLost
        case send(WirePacket)
        case flush
        case tick
        /// What waits still goes out.
        case finish(EngineEnd)
        case end(EngineEnd)
    }

    public enum Action: Sendable, Hashable {
        /// To the poll that waits.
        case answer([WirePacket])
        /// To the request that was told of just now.
        case refuse(EngineRefusal)
        case write([WirePacket])
        case answerProbe(WirePacket)
        /// The WebSocket that probed is the session's from now on.
        case adoptProbe
        case dropProbe
        case message(EnginePacket.Payload)
        /// A packet was not taken, as too much waits.
        case overflow
        case end(EngineEnd)
    }

    public enum Transport: String, Sendable, CaseIterable {
        case polling
        case webSocket = "websocket"
    }

    /// Python's client takes no more of them in one body.
    static let packetsAPoll = 16
    /// A client that probes polls on until it has seen the answer; beyond these it waits as any other poll.
    private static let noopsAProbe = 4

    private struct Probe {
        let until: NIODeadline
        var isAnswered = false
        var noops = 0
    }

    private struct Finish {
        let reason: EngineEnd
        let until: NIODeadline
    }

    public private(set) var transport: Transport
    public private(set) var isOver = false
    private let settings: SocketServerSettings
    private var queue: [WirePacket] = []
    private var queuedBytes = 0
    private var isPollWaiting = false
    private var isPosting = false
    /// Of a WebSocket: nothing is being written, and the client keeps up.
    private var isReady = true
    private var probe: Probe?
    private var finish: Finish?
    private var pingAt: NIODeadline
    private var pongDue: NIODeadline?

    public init(_ transport: Transport, settings: SocketServerSettings, at now: NIODeadline) {
        self.transport = transport
        self.settings = settings
        pingAt = now + settings.pingInterval
    }

    /// What the client is told first.
    public static func openPacket(
        _ id: String, _ transport: Transport, settings: SocketServerSettings
    ) -> WirePacket {
        let upgrades = transport == .polling ? #"["websocket"]"# : "[]"
        let (interval, timeout) = (settings.pingInterval, settings.pingTimeout)
        let json =
            #"{"sid":"\#(id)","upgrades":\#(upgrades),"pingInterval":\#(interval.nanoseconds / 1_000_000),"#
            + #""pingTimeout":\#(timeout.nanoseconds / 1_000_000),"maxPayload":\#(settings.maxPayload)}"#
        return WirePacket(EnginePacket(.open, json))
    }

    public mutating func handle(_ input: Input, at now: NIODeadline) -> [Action] {
        guard !isOver else { return refusesAfterwards(input) ? [.refuse(.unknownSession)] : [] }
        switch input {
        case .poll: return poll()
        case .pollGone:
            isPollWaiting = false
            // After an upgrade nobody waits for polls any more.
            return transport == .polling ? end(.connectionLost) : []
        case .postBegan: return beginPost()
        case .posted(let packets): return take(packets, at: now)
        case .postFailed(let reason), .end(let reason): return end(reason)
        case .packet(let packet): return take(packet, at: now)
        case .probeOpened: return openProbe(at: now)
        case .probePacket(let packet): return takeProbe(packet)
        case .probeGone:
            probe = nil
            return []
        case .wrote(let more):
            isReady = more
            return flush()
        case .writable:
            isReady = true
            return flush()
        case .connectionLost: return end(.connectionLost)
        case .send(let packet): return send(packet, at: now)
        case .flush: return flush()
        case .tick: return tick(at: now)
        case .finish(let reason):
            beginFinish(reason, at: now)
            return flush()
        }
    }

    private func refusesAfterwards(_ input: Input) -> Bool {
        switch input {
        case .poll, .postBegan, .probeOpened: true
        default: false
        }
    }
}

// MARK: - Polling

extension EngineSession {
    private mutating func poll() -> [Action] {
        guard transport == .polling else { return [.refuse(.badRequest)] }
        // The poll that waits is answered by the session's end.
        guard !isPollWaiting else { return [.refuse(.badRequest)] + end(.overlap) }
        isPollWaiting = true
        return flush()
    }

    private mutating func beginPost() -> [Action] {
        guard transport == .polling else { return [.refuse(.badRequest)] }
        guard !isPosting else { return [.refuse(.badRequest)] + end(.overlap) }
        isPosting = true
        return []
    }

    private mutating func take(_ packets: [EnginePacket], at now: NIODeadline) -> [Action] {
        isPosting = false
        var actions: [Action] = []
        for packet in packets where !isOver { actions += take(packet, at: now) }
        return actions
    }

    private mutating func take(_ packet: EnginePacket, at now: NIODeadline) -> [Action] {
        switch packet.kind {
        case .message: return [.message(packet.payload)]
        case .pong:
            pongDue = nil
            pingAt = now + settings.pingInterval
            return []
        case .close: return end(.closedByClient)
        case .noop, .upgrade: return []
        // It is the server who pings and who opens.
        case .ping, .open: return end(.garbage)
        }
    }
}

// MARK: - Upgrading

extension EngineSession {
    private mutating func openProbe(at now: NIODeadline) -> [Action] {
        guard transport == .polling, probe == nil, finish == nil else { return [.refuse(.badRequest)] }
        probe = Probe(until: now + settings.upgradeTimeout)
        return []
    }

    private mutating func takeProbe(_ packet: EnginePacket) -> [Action] {
        guard let isAnswered = probe?.isAnswered else { return [] }
        switch packet.kind {
        case .ping where !isAnswered && packet.payload == .text(Array("probe".utf8)):
            probe?.isAnswered = true
            return [.answerProbe(.probeAnswer)] + flush()
        case .upgrade where isAnswered: return upgrade()
        default:
            probe = nil
            return [.dropProbe]
        }
    }

    /// A poll that still waits is let go: its answer must carry nothing, as the client may not read it any more.
    private mutating func upgrade() -> [Action] {
        let answer: [Action] = isPollWaiting ? [.answer([.noop])] : []
        (isPollWaiting, isPosting, isReady, probe, transport) = (false, false, true, nil, .webSocket)
        return answer + [.adoptProbe] + flush()
    }
}

// MARK: - Sending, and the end

extension EngineSession {
    private mutating func send(_ packet: WirePacket, at now: NIODeadline) -> [Action] {
        guard finish == nil else { return [] }
        guard queuedBytes < settings.outgoingBytes else {
            beginFinish(.overflow, at: now)
            return [.overflow]
        }
        enqueue(packet)
        return []
    }

    private mutating func enqueue(_ packet: WirePacket) {
        queue.append(packet)
        queuedBytes += packet.count
    }

    private mutating func flush() -> [Action] {
        let sent: [Action]
        switch transport {
        case .webSocket: sent = flushWebSocket()
        case .polling: sent = flushPoll()
        }
        guard let finish, queue.isEmpty, transport == .polling || isReady else { return sent }
        return sent + end(finish.reason)
    }

    private mutating func flushWebSocket() -> [Action] {
        guard isReady, !queue.isEmpty else { return [] }
        defer { (queue, queuedBytes, isReady) = ([], 0, false) }
        return [.write(queue)]
    }

    private mutating func flushPoll() -> [Action] {
        guard isPollWaiting else { return [] }
        guard !queue.isEmpty else { return letGoOfPoll() }
        isPollWaiting = false
        let packets = Array(queue.prefix(Self.packetsAPoll))
        queue.removeFirst(packets.count)
        queuedBytes -= packets.reduce(0) { $0 + $1.count }
        return [.answer(packets)]
    }

    /// A client that upgrades waits for its last poll to be answered.
    private mutating func letGoOfPoll() -> [Action] {
        guard let noops = probe?.noops, probe?.isAnswered == true, noops < Self.noopsAProbe else { return [] }
        probe?.noops += 1
        isPollWaiting = false
        return [.answer([.noop])]
    }

    private mutating func tick(at now: NIODeadline) -> [Action] {
        if let finish, finish.until <= now { return end(finish.reason) }
        if let pongDue, pongDue <= now { return end(.pingTimeout) }
        var actions: [Action] = []
        if let until = probe?.until, until <= now {
            probe = nil
            actions.append(.dropProbe)
        }
        if pongDue == nil, pingAt <= now, finish == nil {
            pongDue = now + settings.pingTimeout
            enqueue(.ping)
            actions += flush()
        }
        return actions
    }

    private mutating func beginFinish(_ reason: EngineEnd, at now: NIODeadline) {
        guard finish == nil else { return }
        finish = Finish(reason: reason, until: now + settings.farewell)
    }

    /// A poll that waits is let go by it, and needs no action of its own.
    private mutating func end(_ reason: EngineEnd) -> [Action] {
        guard !isOver else { return [] }
        isOver = true
        (queue, queuedBytes) = ([], 0)
        return [.end(reason)]
    }
}
