public import Logging
import NIOSSL
import Synchronization

/// A connection to somebody's Socket.IO server that is kept, and events that are emitted over it.
///
///     emit ──▶ outbox ──▶ polling │ WebSocket ──▶ server
///                 confirmed by ◀── an answer to the POST │ a pong after the event │ an acknowledgement
///
/// When an event counts as delivered stands in ``EmitBook``. One that is not confirmed when the connection breaks has
/// failed, and may have arrived all the same: who emits it again risks a repeat, who does not a loss.
public final class SocketIOClient: Sendable {
    public enum Transport: String, Sendable, CaseIterable {
        /// Polling first, then a WebSocket where the server offers one and it can be opened.
        case auto
        case websocket, polling
    }

    public struct Settings: Sendable {
        public var address: SocketIOAddress
        public var revision: EngineRevision
        public var transport: Transport
        public var namespace: String
        public var token: String?
        /// How long an event waits for its confirmation.
        public var confirmation = Duration.seconds(10)
        /// Events that may wait for their confirmation at once.
        public var capacity = 64
        /// A PEM file of certificates to be trusted instead of the system's; for tests.
        var trust: String?

        public init(
            _ address: SocketIOAddress, revision: EngineRevision = .four, transport: Transport = .auto,
            namespace: String = "/", token: String? = nil
        ) {
            self.address = address
            self.revision = revision
            self.transport = transport
            self.namespace = namespace
            self.token = token
        }
    }

    let settings: Settings
    /// `nil`: as the system has it.
    let tls: TLSConfiguration?
    let state: Mutex<ClientState>
    private let logger: Logger
    private let report = Mutex(TroubleReport())

    public init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        tls = settings.trust.map {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file($0)
            return tls
        }
        self.logger = logger
        state = Mutex(ClientState(emits: EmitBook(capacity: settings.capacity, timeout: settings.confirmation)))
    }

    public func counters() -> ClientCounters { state.withLock { $0.counters } }

    /// Keeps a connection, until cancelled.
    public func run() async {
        var pause = ReconnectPause()
        while !Task.isCancelled {
            let trouble = await connect()
            let lasted = state.withLock { $0.lost(trouble, at: .now) }
            guard !Task.isCancelled else { return }
            if report.withLock({ $0.isWorthSaying(trouble, at: .now) }) {
                logger.warning("socketio \(settings.address.label): \(trouble); tried again until it works")
            }
            try? await Task.sleep(for: pause.pause(after: lasted, chance: .random(in: 0...1)))
        }
    }

    func handle(_ input: ClientSession.Input) -> ClientState.Step {
        let (step, isNew) = state.withLock { state in
            let was = state.isConnected
            return (state.handle(input, at: .now), !was && state.isConnected)
        }
        if isNew { tellConnected() }
        return step
    }

    private func tellConnected() {
        if report.withLock({ $0.isOver() }) {
            logger.notice("socketio \(settings.address.label): connected again")
        } else {
            logger.debug("socketio \(settings.address.label): connected")
        }
    }
}
