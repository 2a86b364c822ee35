/// What a tenant answers when a watchdog asks whether it moves.
public struct TenantPulse: Sendable, Hashable {
    public var readiness: Readiness
    /// `nil` where all goes on, be it in vain: a Redis that is down and a disk that is full are waited for by turns.
    public var standstill: Standstill?

    public init(readiness: Readiness, standstill: Standstill? = nil) {
        self.readiness = readiness
        self.standstill = standstill
    }
}

/// Something that takes turns, and has had none for longer than its own bounds allow: it waits for what will not come.
public struct Standstill: Sendable, Hashable {
    /// As it stands in a message: `the inbound list`.
    public var part: String
    public var lasted: Duration

    public init(part: String, lasted: Duration) {
        self.part = part
        self.lasted = lasted
    }
}
