import NIOCore
import Synchronization

/// The connections of one event loop: their one timer, and what others want of them.
///
/// What is emitted to a thousand sockets is put here a thousand times and taken out at once, by one task of the loop. The
/// loop takes it whatever the clients do, so it grows no further than a turn of the loop lets it.
///
/// `@unchecked`: all but the inbox is touched on the event loop alone.
final class SocketLoop: @unchecked Sendable {
    enum Item: Sendable {
        case emit(ServerSocket, Emission, ServerSocket.Receipt?)
        case reply(ServerSocket, Int, [[UInt8]])
        case answer(ServerSocket, SocketAnswer)
        case disconnect(ServerSocket)
        case finish(ServerSocket, EngineEnd)

        var socket: ServerSocket {
            switch self {
            case .emit(let socket, _, _), .reply(let socket, _, _), .answer(let socket, _), .disconnect(let socket),
                .finish(let socket, _):
                socket
            }
        }
    }

    let eventLoop: any EventLoop
    private let inbox = Mutex<[Item]>([])
    private let tick: TimeAmount
    private var connections: [ObjectIdentifier: SocketConnection] = [:]
    private var waiting: [SocketConnection] = []
    private var timer: RepeatedTask?
    private var isStopped = false

    init(_ eventLoop: any EventLoop, tick: TimeAmount) {
        self.eventLoop = eventLoop
        self.tick = tick
    }

    /// At once where it is on the loop already.
    func run(_ task: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { task() } else { eventLoop.execute(task) }
    }

    func post(_ item: Item) {
        let isFirst = inbox.withLock {
            $0.append(item)
            return $0.count == 1
        }
        if isFirst { eventLoop.execute { self.takeAll() } }
    }

    private func takeAll() {
        let items = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for item in items { item.socket.connection.take(item) }
        flush()
    }

    /// It is flushed once what is to be done now is done.
    func flushLater(_ connection: SocketConnection) { waiting.append(connection) }

    func flush() {
        guard !waiting.isEmpty else { return }
        let flushing = waiting
        waiting = []
        for connection in flushing { connection.flush() }
    }

    // MARK: Connections

    func add(_ connection: SocketConnection) {
        guard !isStopped else { return connection.handle(.end(.shutdown)) }
        connections[ObjectIdentifier(connection)] = connection
        guard timer == nil else { return }
        timer = eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { [weak self] task in
            guard let self else { return task.cancel() }
            for connection in self.connections.values { connection.tick() }
        }
    }

    func remove(_ connection: SocketConnection) { connections[ObjectIdentifier(connection)] = nil }

    /// All of them end, now and from now on.
    func stop() {
        isStopped = true
        timer?.cancel()
        timer = nil
        for connection in connections.values { connection.handle(.end(.shutdown)) }
    }
}
