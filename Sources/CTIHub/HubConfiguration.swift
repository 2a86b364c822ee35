public import CTICore
import Foundation
public import SocketIO

/// What the hub is told about its outside: where it listens and how patient it is.
public struct HubConfiguration: Sendable {
    public var host: String
    /// 0 takes a free one.
    public var port: Int
    /// A comment line is sent this often on an idle stream, so that proxies do not close it.
    public var heartbeat: Duration
    /// How long a client is asked to wait before it reconnects to a stream that ended.
    public var retry: Duration
    /// Bytes that may wait for a client that does not read; see ``FrameMailbox`` for what happens beyond.
    public var mailboxBytes: Int
    /// A request's body beyond this is refused with 413.
    public var bodyBytes: Int
    /// A connection without a request is closed after this.
    public var idleTimeout: Duration
    /// Of Socket.IO's clients; what may wait for them is `mailboxBytes`, as for everybody.
    public var sockets: SocketServerSettings
    /// `nil`: plain HTTP.
    public var certificate: ServerCertificate?
    /// Ours, for the metrics.
    public var version: String
    /// The clock that tokens are checked against.
    public var now: @Sendable () -> Timestamp

    public init(
        host: String = "127.0.0.1", port: Int = 8080, heartbeat: Duration = .seconds(15),
        retry: Duration = .seconds(2), mailboxBytes: Int = 256 * 1024, bodyBytes: Int = 64 * 1024,
        idleTimeout: Duration = .seconds(75), sockets: SocketServerSettings = SocketServerSettings(),
        certificate: ServerCertificate? = nil, version: String = "",
        now: @escaping @Sendable () -> Timestamp = Self.wallClock
    ) {
        self.host = host
        self.port = port
        self.heartbeat = heartbeat
        self.retry = retry
        self.mailboxBytes = mailboxBytes
        self.bodyBytes = bodyBytes
        self.idleTimeout = idleTimeout
        self.sockets = sockets
        self.certificate = certificate
        self.version = version
        self.now = now
    }

    @Sendable public static func wallClock() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
