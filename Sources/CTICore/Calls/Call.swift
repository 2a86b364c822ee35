/// Who is at an extension. All but the extension may be unknown: agents need not be listed.
public struct Agent: Hashable, Sendable {
    public var `extension`: Extension
    public var name: String?
    /// The PBX's name of the telephone, as `SIP/john.doe`.
    public var peer: String?
    public var crmUser: String?

    public init(extension: Extension, name: String? = nil, peer: String? = nil, crmUser: String? = nil) {
        self.extension = `extension`
        self.name = name
        self.peer = peer
        self.crmUser = crmUser
    }
}

/// A person or company in the tenant's directory.
public struct Contact: Hashable, Sendable {
    public var id: String
    public var type: String
    public var name: String

    public init(id: String, type: String = "contact", name: String) {
        self.id = id
        self.type = type
        self.name = name
    }
}

/// A call as far as it is known: what its events said, resolved, with its times.
public struct Call: Hashable, Sendable {
    public var ref: CallRef
    public var direction: CallDirection
    public var caller: String
    /// With `+`; `nil` where the number cannot be read as one of the world's.
    public var callerE164: String?
    public var dialed: String?
    public var queue: String?
    public var contactRef: String?
    public var holdSeconds: HoldSeconds?
    public var generation: PayloadGeneration
    public var campaign: String?
    public var ringingAt: Timestamp?
    public var upAt: Timestamp?
    public var endedAt: Timestamp?
}

// In an extension, so that the synthesised initialiser, which fills the value in place, is there for it to call.
extension Call {
    public init(
        _ event: CallEvent, callerE164: String? = nil, queue: String? = nil, ringingAt: Timestamp? = nil,
        upAt: Timestamp? = nil, endedAt: Timestamp? = nil
    ) {
        self.init(
            ref: event.callRef, direction: event.direction, caller: event.caller, callerE164: callerE164,
            dialed: event.dialed, queue: queue, contactRef: event.contactRef, holdSeconds: event.holdSeconds,
            generation: event.generation, campaign: event.campaign, ringingAt: ringingAt, upAt: upAt, endedAt: endedAt)
    }
}
