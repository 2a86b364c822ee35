import CTICore
public import CTIPipeline
public import Logging
public import SocketIO

/// Emits `RealtimeCTI` to a tenant's own Socket.IO server, as xCALLY's Shuttle is one.
///
///     courier ── deliver ──▶ emit ──▶ delivered: acknowledged, or read by the server
///                    └── no connection within a second: unreachable, and the courier comes back
///
/// The client keeps the connection and reconnects by itself; a delivery waits for it a moment, and is tried again soon:
/// so events go on as soon as the server is back, and nothing is kept here.
public struct SocketIOSink: Sink {
    public let name: SinkName
    public let settings: SinkSettings
    private let client: SocketIOClient

    /// The only event that is emitted.
    public static let event = "RealtimeCTI"

    /// - Parameter ttl: what could not be delivered within it is a dead letter.
    public init(_ settings: SocketIOClient.Settings, ttl: Duration = .seconds(300), logger: Logger) {
        name = SinkName(.socketio, Self.label(settings))
        self.settings = Self.patience(ttl)
        client = SocketIOClient(settings, logger: logger)
    }

    /// Host and port, and the namespace unless it is the usual one.
    public static func label(_ settings: SocketIOClient.Settings) -> String {
        settings.address.label + (settings.namespace == "/" ? "" : settings.namespace)
    }

    /// A failure is nearly always the server's being away, never an event's own fault: so the first one tells, and the
    /// time to live ends the tries, not their number. A try while it is away costs nothing but the moment that
    /// ``deliver(_:)`` waits for the connection; with pauses of a second at most that moment is half of the time.
    private static func patience(_ ttl: Duration) -> SinkSettings {
        SinkSettings(
            ttl: ttl, concurrency: 16, attempts: 1000, backOff: .milliseconds(200) ... .seconds(2),
            failuresUntilDown: 1, pause: .milliseconds(200) ... .seconds(1))
    }

    public var selection: LogSelection { .realtime }

    public func message(for entry: RecordedEntry) -> SinkMessage? {
        guard entry.entry.kind == .realtime else { return nil }
        return SinkMessage(
            position: entry.position, id: "\(entry.position.rawValue)", event: Self.event, ref: entry.entry.ref,
            agent: entry.entry.agent, at: entry.entry.at, data: entry.entry.data)
    }

    public func deliver(_ message: SinkMessage) async throws(SinkFailure) {
        do {
            try await client.emit(ClientEvent(message.event, message.data, key: message.id))
        } catch {
            throw SinkFailure(error)
        }
    }

    public func run() async { await client.run() }

    public func counters() -> ClientCounters { client.counters() }

    public func counts() -> [(what: String, count: Int)] {
        let counters = counters()
        return [
            ("connects", counters.connects), ("connect_failures", counters.failures), ("emits", counters.emits),
            ("acknowledgements", counters.acknowledgements), ("unconfirmed", counters.unconfirmed),
            ("unacknowledged", counters.unacknowledged), ("ignored_packets", counters.ignored),
        ].map { ($0, Int($1)) }
    }
}

extension SinkFailure {
    fileprivate init(_ trouble: ClientTrouble) {
        switch trouble.code {
        case .unreachable, .garbled: self.init(.unreachable, trouble.description)
        case .refused: self.init(.refused, trouble.description)
        case .unanswered: self.init(.unanswered, trouble.description)
        case .tooLarge: self.init(.refused, trouble.description, retry: .never)
        case .busy: self.init(.throttled, trouble.description)
        }
    }
}
