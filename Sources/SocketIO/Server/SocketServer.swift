public import NIOCore
import Synchronization

/// A Socket.IO 5 server over Engine.IO 4: all sessions, wherever they came in.
///
/// It speaks no HTTP itself. Polling requests are handed to it as what they ask (``open(_:on:)``, ``poll(_:)``,
/// ``post(_:body:)``), WebSockets come by ``WebSocketUpgrade``. What the handler does is done in ``run()``, and nowhere else.
public final class SocketServer: Sendable {
    public let settings: SocketServerSettings
    public let counters = SocketCounters()
    let handler: any SocketServerHandler
    private let connections = Mutex<[String: SocketConnection]>([:])
    private let loops = Mutex<[ObjectIdentifier: SocketLoop]>([:])
    /// Each socket is in it once at most, so it grows no further than there are sockets.
    private let work: AsyncStream<ServerSocket>
    private let workToDo: AsyncStream<ServerSocket>.Continuation

    public init(settings: SocketServerSettings = SocketServerSettings(), handler: any SocketServerHandler) {
        self.settings = settings
        self.handler = handler
        (work, workToDo) = AsyncStream.makeStream()
    }

    /// Works until ``stop()``, or until it is cancelled. Sockets are served side by side.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await socket in work { group.addTask { await socket.work(self.handler) } }
        }
    }

    /// Ends all sessions and takes no more. ``run()`` returns once the handler has been told.
    public func stop() {
        let loops = loops.withLock { Array($0.values) }
        let continuation = workToDo
        guard !loops.isEmpty else { return continuation.finish() }
        let countdown = Countdown(loops.count) { continuation.finish() }
        for loop in loops {
            loop.run {
                loop.stop()
                countdown.step()
            }
        }
    }

    func begin(_ socket: ServerSocket) { workToDo.yield(socket) }

    func remove(_ connection: SocketConnection) {
        connections.withLock { _ = $0.removeValue(forKey: connection.id) }
    }

    private func loop(of eventLoop: any EventLoop) -> SocketLoop {
        loops.withLock { loops in
            if let loop = loops[ObjectIdentifier(eventLoop)] { return loop }
            let loop = SocketLoop(eventLoop, tick: settings.tick)
            loops[ObjectIdentifier(eventLoop)] = loop
            return loop
        }
    }
}

// MARK: - What requests ask

extension SocketServer {
    /// What is wrong with a request; a WebSocket that would be a session too many, too.
    public func refusal(of request: EngineRequest) -> EngineRefusal? {
        if let refusal = request.refusal { return refusal }
        guard let session = request.session else {
            guard !isFull else {
                counters.turnedAway.wrappingAdd(1, ordering: .relaxed)
                return .forbidden
            }
            return nil
        }
        return connection(session) == nil ? .unknownSession : nil
    }

    private var isFull: Bool {
        counters.unjoinedSessions >= settings.unjoinedSessions
            || connections.withLock { $0.count } >= settings.sessions
    }

    private func connection(_ session: String) -> SocketConnection? { connections.withLock { $0[session] } }

    /// Opens a session that polls.
    public func open(_ handshake: SocketHandshake, on eventLoop: any EventLoop) -> EngineAnswer {
        let connection = SocketConnection(
            .polling, handshake: handshake, server: self, loop: loop(of: eventLoop))
        add(connection)
        return .packets([EngineSession.openPacket(connection.id, .polling, settings: settings)])
    }

    private func add(_ connection: SocketConnection) {
        connections.withLock { $0[connection.id] = connection }
        connection.loop.run { connection.loop.add(connection) }
    }

    /// Waits until there is something to tell.
    public func poll(_ session: String) async -> EngineAnswer {
        guard let connection = connection(session) else { return EngineRefusal.unknownSession.answer }
        return await withCheckedContinuation { waiter in
            connection.loop.run { connection.poll(waiter) }
        }
    }

    /// - Parameter body: reads it; `nil` where it is larger than `maxPayload`.
    public func post(_ session: String, body: () async throws -> ByteBuffer?) async throws -> EngineAnswer {
        guard let connection = connection(session) else { return EngineRefusal.unknownSession.answer }
        let refusal = await withCheckedContinuation { waiter in
            connection.loop.run { waiter.resume(returning: connection.beginPost()) }
        }
        if let refusal { return refusal.answer }
        let bytes: ByteBuffer?
        do {
            bytes = try await body()
        } catch {
            connection.loop.run { connection.handle(.end(.connectionLost)) }
            throw error
        }
        return await withCheckedContinuation { waiter in
            connection.loop.run { waiter.resume(returning: connection.endPost(bytes)) }
        }
    }

    /// The client of a poll is gone, or the daemon stops.
    public func end(_ session: String, isShutdown: Bool = false) {
        guard let connection = connection(session) else { return }
        connection.loop.run { connection.handle(isShutdown ? .end(.shutdown) : .pollGone) }
    }

    /// `nil` where there is no such session any more.
    func attach(
        _ handler: WebSocketHandler, _ request: EngineRequest, _ handshake: SocketHandshake
    ) -> SocketConnection? {
        if let session = request.session {
            guard let connection = connection(session) else { return nil }
            connection.loop.run { connection.open(handler) }
            return connection
        }
        let connection = SocketConnection(
            .webSocket, handshake: handshake, server: self, loop: loop(of: handler.eventLoop), webSocket: handler)
        add(connection)
        handler.send(EngineSession.openPacket(connection.id, .webSocket, settings: settings))
        return connection
    }
}
