import NIOCore
import Synchronization

/// One session at work: what carries it, its Engine.IO and its Socket.IO, its sockets.
///
///     polls, WebSocket ─▶ EngineSession ─ messages ─▶ SocketSession ─ jobs ─▶ ServerSocket ─▶ handler
///              ▲                ▲                           │
///              └─── packets ────┴────────── packets ────────┴──── emissions ◀── anybody
///
/// `@unchecked`: all that varies is touched on its event loop alone. A WebSocket that took over from polling may live on
/// another loop; what goes there and comes from there hops.
final class SocketConnection: @unchecked Sendable {
    let id: String
    let loop: SocketLoop
    let handshake: SocketHandshake
    private let server: SocketServer
    private var engine: EngineSession
    private var session: SocketSession
    private var sockets: [String: ServerSocket] = [:]
    /// What is wanted of sockets that are not accepted yet.
    private var early: [SocketLoop.Item] = []
    private var poll: CheckedContinuation<EngineAnswer, Never>?
    private var webSocket: WebSocketHandler?
    private var probe: WebSocketHandler?
    /// Of those that asked to join, whoever is still to be answered, and those that left meanwhile.
    private var unanswered = 0
    private var isDirty = false
    private var countsAsUnjoined = true
    private var isDown = false
    /// It ended because of what the client sent.
    private var isRefused = false

    init(
        _ transport: EngineSession.Transport, handshake: SocketHandshake, server: SocketServer, loop: SocketLoop,
        webSocket: WebSocketHandler? = nil
    ) {
        id = SocketID.random()
        self.loop = loop
        self.handshake = handshake
        self.server = server
        self.webSocket = webSocket
        let now = NIODeadline.now()
        engine = EngineSession(transport, settings: server.settings, at: now)
        session = SocketSession(settings: server.settings, at: now)
        server.counters.count(1, transport)
        server.counters.unjoined.wrappingAdd(1, ordering: .relaxed)
    }

    func handle(_ input: EngineSession.Input) {
        let before = engine.transport
        perform(engine.handle(input, at: .now()))
        guard engine.transport != before else { return }
        server.counters.count(-1, before)
        server.counters.count(1, engine.transport)
    }

    func tick() {
        handle(.tick)
        perform(session.tick(at: .now()))
        for socket in sockets.values { server.handler.tick(socket) }
        flush()
    }

    func flush() {
        isDirty = false
        handle(.flush)
    }

    private func send(_ packet: WirePacket) {
        handle(.send(packet))
        guard !isDirty else { return }
        isDirty = true
        loop.flushLater(self)
    }
}

// MARK: - Requests and frames

extension SocketConnection {
    func poll(_ waiter: CheckedContinuation<EngineAnswer, Never>) {
        let actions = engine.handle(.poll, at: .now())
        guard case .refuse(let refusal)? = actions.first else {
            poll = waiter
            return perform(actions)
        }
        waiter.resume(returning: refusal.answer)
        perform(actions.dropFirst())
    }

    func beginPost() -> EngineRefusal? {
        let actions = engine.handle(.postBegan, at: .now())
        guard case .refuse(let refusal)? = actions.first else { return nil }
        perform(actions.dropFirst())
        return refusal
    }

    /// The answer to it; `nil` for a body that was too large.
    func endPost(_ body: ByteBuffer?) -> EngineAnswer {
        guard let body else {
            handle(.postFailed(.tooLarge))
            return .tooLarge
        }
        do {
            handle(.posted(try EnginePayload.decode(Array(body.readableBytesView), .four)))
        } catch {
            handle(.postFailed(.garbage))
        }
        loop.flush()
        return isRefused ? EngineRefusal.badRequest.answer : .taken
    }

    /// A WebSocket wants to take over.
    func open(_ candidate: WebSocketHandler) {
        let actions = engine.handle(.probeOpened, at: .now())
        guard actions.isEmpty else { return candidate.close(.overlap) }
        probe = candidate
    }

    func received(_ payload: EnginePacket.Payload, from handler: WebSocketHandler) {
        guard let packet = try? EnginePacket(webSocketPayload: payload, .four) else { return failed(.garbage, handler) }
        handle(handler === webSocket ? .packet(packet) : .probePacket(packet))
        loop.flush()
    }

    func failed(_ reason: EngineEnd, _ handler: WebSocketHandler) {
        if handler === webSocket { return handle(.end(reason)) }
        handler.close(reason)
        lost(handler)
    }

    func lost(_ handler: WebSocketHandler) {
        if handler === webSocket { return handle(.connectionLost) }
        guard handler === probe else { return }
        probe = nil
        handle(.probeGone)
    }

    func writable(_ handler: WebSocketHandler) {
        if handler === webSocket { handle(.writable) }
    }

    private func write(_ packets: [WirePacket]) {
        guard let webSocket else { return }
        if webSocket.eventLoop === loop.eventLoop { return handle(.wrote(more: webSocket.write(packets))) }
        webSocket.eventLoop.execute {
            let more = webSocket.write(packets)
            self.loop.run { self.handle(.wrote(more: more)) }
        }
    }
}

// MARK: - Actions

extension SocketConnection {
    private func perform(_ actions: some Sequence<EngineSession.Action>) {
        for action in actions where !isDown {
            switch action {
            case .answer(let packets):
                poll?.resume(returning: .packets(packets))
                poll = nil
            // Whoever asked has been told already.
            case .refuse: break
            case .write(let packets): write(packets)
            case .answerProbe(let packet): probe?.send(packet)
            case .adoptProbe: (webSocket, probe) = (probe, nil)
            case .dropProbe:
                probe?.close(.closedByServer)
                probe = nil
            case .message(let payload): perform(session.receive(payload, at: .now()))
            case .overflow: server.counters.overflowed.wrappingAdd(1, ordering: .relaxed)
            case .end(let reason): end(reason)
            }
        }
    }

    private func perform(_ actions: [SocketSession.Action]) {
        for action in actions where !isDown {
            switch action {
            case .join(let namespace, let auth):
                unanswered += 1
                guard unanswered <= server.settings.namespaces else { return handle(.end(.flooded)) }
                let socket = ServerSocket(namespace: namespace, connection: self)
                sockets[namespace] = socket
                tell(socket, .connect(auth: auth))
            case .event(let event, let namespace): sockets[namespace].map { tell($0, .event(event)) }
            case .acknowledged(let tag, let arguments, let namespace):
                sockets[namespace].map { tell($0, .acknowledged(tag, arguments)) }
            case .left(let namespace):
                early.removeAll { $0.socket.namespace == namespace }
                sockets.removeValue(forKey: namespace).map { tell($0, .closed) }
            case .send(let packet): send(packet)
            case .end(let reason): handle(.end(reason))
            }
        }
        countJoined()
    }

    private func tell(_ socket: ServerSocket, _ job: ServerSocket.Job) {
        switch socket.add(job, limit: server.settings.pendingEvents) {
        case .begin: server.begin(socket)
        case .queued: break
        case .full: handle(.end(.flooded))
        }
    }

    private func countJoined() {
        let isUnjoined = !isDown && !session.hasJoined
        guard isUnjoined != countsAsUnjoined else { return }
        countsAsUnjoined = isUnjoined
        server.counters.unjoined.wrappingAdd(isUnjoined ? 1 : -1, ordering: .relaxed)
    }

    private func end(_ reason: EngineEnd) {
        isDown = true
        isRefused = [.garbage, .flooded, .tooLarge].contains(reason)
        server.counters.count(-1, engine.transport)
        server.counters.count(reason)
        // A client that is told of the close by a packet may not come back by itself, as python-socketio: what it should do.
        let answer = reason == .closedByClient ? .packets([.close]) : EngineRefusal.unknownSession.answer
        poll?.resume(returning: answer)
        webSocket?.close(reason)
        probe?.close(reason)
        (poll, webSocket, probe, early) = (nil, nil, nil, [])
        for socket in sockets.values { tell(socket, .closed) }
        sockets = [:]
        countJoined()
        loop.remove(self)
        server.remove(self)
    }
}

// MARK: - What the server's users want

extension SocketConnection {
    func take(_ item: SocketLoop.Item) {
        let socket = item.socket
        if case .answer = item { unanswered -= 1 }
        guard sockets[socket.namespace] === socket else { return }
        if case .answer(_, let answer) = item { return take(answer, for: socket) }
        guard !session.isJoining(socket.namespace) else { return early.append(item) }
        switch item {
        case .emit(_, let emission, let receipt): emit(emission, to: socket, receipt)
        case .reply(_, let id, let arguments):
            send(SocketSession.wire(.ack(arguments, namespace: socket.namespace, id: id)))
        case .disconnect: perform(session.disconnect(socket.namespace, at: .now()))
        case .finish(_, let reason): finish(reason)
        case .answer: break
        }
    }

    private func take(_ answer: SocketAnswer, for socket: ServerSocket) {
        let held = early.filter { $0.socket === socket }
        early.removeAll { $0.socket === socket }
        switch answer {
        case .accepted(let recovery):
            perform(session.accept(socket.namespace, id: socket.id, recovery: recovery))
            for item in held { take(item) }
        case .refused(let message, let data):
            server.counters.refused.wrappingAdd(1, ordering: .relaxed)
            sockets[socket.namespace] = nil
            perform(session.refuse(socket.namespace, message: message, data: data))
        case .unavailable: finish(.closedByServer)
        }
    }

    private func emit(_ emission: Emission, to socket: ServerSocket, _ receipt: ServerSocket.Receipt?) {
        var number: Int?
        if let receipt {
            let until = NIODeadline.now() + receipt.timeout
            guard let numbered = session.number(receipt.tag, in: socket.namespace, until: until) else { return }
            number = numbered.id
            perform(numbered.givenUp)
        }
        server.counters.sent.wrappingAdd(1, ordering: .relaxed)
        for packet in emission.packets(in: socket.namespace, id: number) { send(packet) }
    }

    private func finish(_ reason: EngineEnd) {
        if reason == .overflow { server.counters.overflowed.wrappingAdd(1, ordering: .relaxed) }
        handle(.finish(reason))
    }
}
