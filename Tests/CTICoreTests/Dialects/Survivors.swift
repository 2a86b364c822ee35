import CTICore

/// What of an account another dialect may carry, and what it does: the table of losses in `Docs/dialects.md`, as a program.
struct Survivors: Equatable {
    var event: CallEventKind
    var ref: CallRef
    var caller: String
    var direction: CallDirection
    var agent: Agent
    var dialed: String?
    var queue: String?
    var contactRef: String?
    var holdSeconds: HoldSeconds?
    /// Of an answered call that ended.
    var talkSeconds: Int?
    var contact: Contact?

    init(_ account: CallAccount) {
        event = account.event
        ref = account.call.ref
        caller = account.call.caller
        direction = account.call.direction
        agent = account.agent
        agent.crmUser = nil
        dialed = account.call.dialed
        queue = account.call.queue
        contactRef = account.call.contactRef
        holdSeconds = account.call.holdSeconds
        talkSeconds = account.event == .hangup ? account.talkSeconds : nil
        contact = account.contact
    }

    func through(_ dialect: Dialect) -> Survivors {
        var left = self
        if dialect == .ctid { return left }
        if dialect != .xcally { (left.queue, left.agent.name, left.agent.peer) = (nil, nil, nil) }
        if dialect != .teleforge { left.contactRef = nil }
        if dialect != .enreach { left.contact = nil }
        switch dialect {
        case .ctid, .teleforge: if talkSeconds == 0 { left.talkSeconds = nil }
        case .xcally: left.leaveXCally()
        case .kunzite: left.holdSeconds = nil
        case .enreach: (left.dialed, left.holdSeconds, left.talkSeconds) = (nil, nil, nil)
        }
        return left
    }

    private mutating func leaveXCally() {
        if event == .ringing { holdSeconds = nil }
        guard event == .abandon else { return }
        (agent, dialed, direction) = (Agent(extension: Extension("")), nil, .inbound)
    }
}
