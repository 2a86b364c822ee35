public import NIOCore
import Synchronization

/// One client in one namespace. Safe from any thread; what is asked of it happens in order.
///
/// What is told of it to the handler waits here (``SocketServerSettings/pendingEvents`` at most) while an earlier call is
/// under way.
public final class ServerSocket: Sendable {
    enum Job: Sendable {
        case connect(auth: [UInt8]?)
        case event(SocketEvent)
        case acknowledged(String, [[UInt8]]?)
        case closed
    }

    private struct State {
        var jobs: [Job] = []
        var isAtWork = false
        var isAccepted = false
        var isParted = false
        var context: (any Sendable)?
    }

    /// What the client knows it by.
    public let id: String
    public let namespace: String
    let connection: SocketConnection
    private let state = Mutex(State())

    public var handshake: SocketHandshake { connection.handshake }

    /// Whatever the handler knows of it.
    public var context: (any Sendable)? {
        get { state.withLock { $0.context } }
        set { state.withLock { $0.context = newValue } }
    }

    init(namespace: String, connection: SocketConnection) {
        id = SocketID.random()
        self.namespace = namespace
        self.connection = connection
    }

    public func emit(_ emission: Emission) { connection.loop.post(.emit(self, emission, nil)) }

    /// The client is asked to acknowledge it; the answer comes to the handler under this tag.
    public func emit(_ emission: Emission, tag: String, within timeout: TimeAmount) {
        connection.loop.post(.emit(self, emission, Receipt(tag: tag, timeout: timeout)))
    }

    /// The client leaves the namespace, and does not come back by itself.
    public func disconnect() { connection.loop.post(.disconnect(self)) }

    /// The connection ends once what was emitted has been read; clients come back by themselves.
    ///
    /// - Parameter isFull: it ends as too much was to be sent.
    public func finish(isFull: Bool = false) {
        connection.loop.post(.finish(self, isFull ? .overflow : .closedByServer))
    }

    struct Receipt: Sendable {
        let tag: String
        let timeout: TimeAmount
    }
}

// MARK: - Work

extension ServerSocket {
    enum Addition { case begin, queued, full }

    func add(_ job: Job, limit: Int) -> Addition {
        state.withLock { state in
            if case .closed = job { state.isParted = true } else if state.isParted { return .queued }
            if case .event = job, state.jobs.count >= limit { return .full }
            state.jobs.append(job)
            defer { state.isAtWork = true }
            return state.isAtWork ? .queued : .begin
        }
    }

    private func next() -> Job? {
        state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.isAtWork = false
                return nil
            }
            return state.jobs.removeFirst()
        }
    }

    func work(_ handler: any SocketServerHandler) async {
        while let job = next() {
            switch job {
            case .connect(let auth):
                let answer = await handler.connect(self, auth: auth)
                if case .accepted = answer { state.withLock { $0.isAccepted = true } }
                connection.loop.post(.answer(self, answer))
            case .event(let event):
                let reply = await handler.received(event, from: self)
                if let id = event.id { connection.loop.post(.reply(self, id, reply)) }
            case .acknowledged(let tag, let arguments): await handler.acknowledged(tag, arguments, by: self)
            case .closed:
                if state.withLock({ $0.isAccepted }) { await handler.closed(self) }
                context = nil
            }
        }
    }
}

/// Names that cannot be guessed.
enum SocketID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// 20 characters of 6 bits.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        var (high, low): (UInt64, UInt64) = (generator.next(), generator.next())
        let bytes = (0..<20).map { index -> UInt8 in
            defer { if index < 10 { high >>= 6 } else { low >>= 6 } }
            return alphabet[Int((index < 10 ? high : low) & 63)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
