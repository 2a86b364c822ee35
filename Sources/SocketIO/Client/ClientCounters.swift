/// What a client has done since it was made.
public struct ClientCounters: Sendable, Hashable {
    public var isConnected = false
    /// Connections that came to be, the first included.
    public var connects: UInt64 = 0
    /// Tries to connect, and connections, that failed.
    public var failures: UInt64 = 0
    /// Events sent, repeats included.
    public var emits: UInt64 = 0
    public var acknowledgements: UInt64 = 0
    /// Events of which nobody knows whether they arrived.
    public var unconfirmed: UInt64 = 0
    /// Events taken as delivered by the transport's word, though the server acknowledges others.
    public var unacknowledged: UInt64 = 0
    /// Packets of the server that nobody asked for.
    public var ignored: UInt64 = 0

    public init() {}
}
