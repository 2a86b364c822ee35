/// The client's side of one session of Engine.IO and Socket.IO. Pure: packets in, packets out; others open connections.
///
///     opening ──0{sid}──▶ upgrading ─(a WebSocket is open)─▶ probing ──3probe / 5──┐
///        │                    └────────(it cannot be opened)──────┴────────────────┤
///        └─────────────────────(no upgrade offered or wished)──────────────────────┤
///                                                                                  ▼
///     ended ◀── 1, 41, 44, silence, garbage ── connected ◀────── 40{sid} ────── joining
///
///     revision 4    we ask for the namespace, 40/cti,{"token":"…"}; the server pings, we answer
///     revision 3    the server opens / unasked, and we ask for another, 40/cti; we ping, the server answers
///
/// The upgrade comes before the namespace: so nothing is ever under way on two transports at once.
struct ClientSession {
    typealias Instant = ContinuousClock.Instant

    struct Settings: Sendable {
        var revision = EngineRevision.four
        var namespace = "/"
        /// Revision 4 sends it with the namespace; revision 3 in the query, which is not written here.
        var token: String?
        /// Whether to move from polling to a WebSocket where the server offers it.
        var upgrades = true
        /// The handshake, the upgrade, and the namespace may take so long each.
        var patience = Duration.seconds(10)
    }

    enum Phase: Hashable { case opening, upgrading, probing, joining, connected, ended }

    enum Input {
        case packet(EnginePacket)
        /// The WebSocket that ``Action/upgrade(sid:)`` asked for.
        case upgradeOpened
        case upgradeFailed
        case tick
    }

    enum Action: Hashable {
        case send(EnginePacket)
        /// A WebSocket is to be opened for this session.
        case upgrade(sid: String)
        /// The WebSocket is no good; polling goes on.
        case abandonUpgrade
        case connected
        case acknowledged(Int)
        case end(ClientTrouble)
    }

    let settings: Settings
    private(set) var phase = Phase.opening
    private(set) var handshake: EngineHandshake?
    /// Packets that nobody asked for.
    private(set) var ignored: UInt64 = 0
    /// Revision 3: the server has opened the namespace /.
    private var isRootOpen = false
    /// Of the phase, until ``Phase/connected``.
    private var phaseDeadline: Instant
    private var heartbeat: ClientHeartbeat?

    init(_ settings: Settings, at now: Instant) {
        self.settings = settings
        phaseDeadline = now + settings.patience
    }

    /// When the next ``Input/tick`` is due.
    var deadline: Instant {
        let heartbeat = heartbeat?.deadline
        guard phase != .connected else { return heartbeat ?? phaseDeadline }
        return heartbeat.map { min($0, phaseDeadline) } ?? phaseDeadline
    }

    mutating func handle(_ input: Input, at now: Instant) -> [Action] {
        switch (input, phase) {
        case (_, .ended): []
        case (.packet(let packet), _): received(packet, now)
        case (.upgradeOpened, .upgrading):
            enter(.probing, now, [.send(EnginePacket(.ping, "probe"))])
        case (.upgradeFailed, .upgrading), (.upgradeFailed, .probing): join(now)
        case (.upgradeOpened, _), (.upgradeFailed, _): []
        case (.tick, _): tick(now)
        }
    }

    private mutating func enter(_ phase: Phase, _ now: Instant, _ actions: [Action] = []) -> [Action] {
        self.phase = phase
        phaseDeadline = now + (phase == .probing ? handshake?.upgradePatience ?? settings.patience : settings.patience)
        return actions
    }

    private mutating func end(_ code: ClientTrouble.Code, _ words: String) -> [Action] {
        phase = .ended
        return [.end(ClientTrouble(code, words))]
    }

    private mutating func tick(_ now: Instant) -> [Action] {
        if phase == .probing, now >= phaseDeadline {
            return enter(.upgrading, now, [.abandonUpgrade])
        }
        if phase == .opening || phase == .joining, now >= phaseDeadline {
            return end(
                .unanswered, phase == .opening ? "no handshake in time" : "no answer to joining the namespace in time")
        }
        switch heartbeat?.tick(now) {
        case .ping?: return [.send(EnginePacket(.ping))]
        case .silent?: return end(.unanswered, "the server has fallen silent")
        case nil: return []
        }
    }
}

// MARK: - Engine.IO

extension ClientSession {
    private mutating func received(_ packet: EnginePacket, _ now: Instant) -> [Action] {
        heartbeat?.heard(now)
        switch (packet.kind, phase) {
        case (.open, .opening): return opened(packet, now)
        case (.open, _), (_, .opening): return end(.garbled, "a packet out of its order")
        case (.ping, _): return [.send(EnginePacket(.pong, packet.payload))]
        case (.pong, .probing) where packet.payload == .text(Array("probe".utf8)):
            return [.send(EnginePacket(.upgrade))] + join(now)
        case (.message, _): return message(packet.payload, now)
        case (.close, _): return end(.unreachable, "the server closed the connection")
        case (.pong, _), (.upgrade, _), (.noop, _): return []
        }
    }

    private mutating func opened(_ packet: EnginePacket, _ now: Instant) -> [Action] {
        do {
            let handshake = try EngineHandshake(packet.payload.bytes)
            self.handshake = handshake
            heartbeat = ClientHeartbeat(settings.revision, handshake, at: now)
            guard settings.upgrades, handshake.offersWebSocket else { return join(now) }
            return enter(.upgrading, now, [.upgrade(sid: handshake.sid)])
        } catch {
            return end(.garbled, error.description)
        }
    }
}

// MARK: - Socket.IO

extension ClientSession {
    private mutating func join(_ now: Instant) -> [Action] {
        switch settings.revision {
        case .four:
            let token = settings.token.map { Array(#"{"token":"#.utf8) + JSONText.string($0) + [UInt8(ascii: "}")] }
            return enter(.joining, now, [.send(connect(token))])
        case .three where settings.namespace == "/":
            return isRootOpen ? enter(.connected, now, [.connected]) : enter(.joining, now)
        case .three:
            return enter(.joining, now, isRootOpen ? [.send(connect(nil))] : [])
        }
    }

    private func connect(_ data: [UInt8]?) -> EnginePacket {
        .message(SocketPacket(.connect, namespace: settings.namespace, data: data).text)
    }

    private mutating func message(_ payload: EnginePacket.Payload, _ now: Instant) -> [Action] {
        guard case .text(let text) = payload else { return ignore() }
        do {
            return received(try SocketPacket(text: text), now)
        } catch {
            return end(.garbled, error.description)
        }
    }

    private mutating func ignore() -> [Action] {
        ignored += 1
        return []
    }

    private mutating func received(_ packet: SocketPacket, _ now: Instant) -> [Action] {
        // Revision 3 knows no other namespace without the first one.
        let isOurs = packet.namespace == settings.namespace
        let concernsUs = isOurs || settings.revision == .three && packet.namespace == "/"
        switch packet.kind {
        case .connect where concernsUs: return joined(isOurs, now)
        case .connectError where concernsUs: return end(.refused, "the server refused: \(words(packet.data))")
        case .disconnect where concernsUs: return end(.unreachable, "the server closed the namespace")
        case .ack where isOurs && phase == .connected, .binaryAck where isOurs && phase == .connected:
            return packet.id.map { [.acknowledged($0)] } ?? []
        case .connect, .connectError, .disconnect, .ack, .binaryAck, .event, .binaryEvent: return ignore()
        }
    }

    private mutating func joined(_ isOurs: Bool, _ now: Instant) -> [Action] {
        if settings.revision == .three, !isOurs || settings.namespace == "/" {
            guard !isRootOpen else { return ignore() }
            isRootOpen = true
            return phase == .joining ? join(now) : []
        }
        return phase == .joining ? enter(.connected, now, [.connected]) : ignore()
    }

    /// The server's own words, cut short, in one line, and without the token, should it repeat it.
    private func words(_ data: [UInt8]?) -> String {
        let text = data.flatMap { JSONText.text($0) ?? JSONText.message($0) } ?? "without a reason"
        let hidden = settings.token.map { $0.isEmpty ? text : text.replacing($0, with: "…") } ?? text
        return String(hidden.map { $0.isNewline || $0.asciiValue.map { $0 < 0x20 } ?? false ? " " : $0 }.prefix(80))
    }
}
