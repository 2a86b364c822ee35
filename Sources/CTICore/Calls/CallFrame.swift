/// The data of the `call`, `pop` and `missed` frames of an agent's stream.
public struct CallFrame: Hashable, Sendable {
    /// Why an agent was not shown a call.
    public enum MissedReason: String, Sendable, CaseIterable {
        case offline, stale, stacked, blocked
        /// It rang at the agent's telephone, and nobody had answered when the ringing ended.
        case unanswered
    }

    /// The same in the `call` frame and the `pop` or `missed` that follows from it; what an ack names.
    public var id: PopID
    public var tenant: TenantID
    public var event: CallEventKind
    public var stale: Bool
    public var agent: Agent
    public var call: Call
    /// The one whom the call is about; `nil` where nobody, or more than one, matched.
    public var contact: Contact?
    public var matches: [Contact]
    /// Only the screen pops among them are written.
    public var actions: [Action]
    /// Of `missed` frames only.
    public var reason: MissedReason?

    public init(
        id: PopID, tenant: TenantID, event: CallEventKind, stale: Bool = false, agent: Agent, call: Call,
        contact: Contact? = nil, matches: [Contact] = [], actions: [Action] = [], reason: MissedReason? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.event = event
        self.stale = stale
        self.agent = agent
        self.call = call
        self.contact = contact
        self.matches = matches
        self.actions = actions
        self.reason = reason
    }

    /// Keys in the contract's order; absent values are `null`, but `reason` is left out where there is none.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("id", id.rawValue)
            $0.member("tenant", tenant.rawValue)
            $0.member("event", event.rawValue)
            $0.member("stale", stale)
            $0.key("agent")
            agent.write(to: &$0)
            $0.key("call")
            call.write(to: &$0)
            $0.key("contact")
            if let contact { contact.write(to: &$0) } else { $0.null() }
            $0.member("matches", array: { array in for match in matches { match.write(to: &array) } })
            $0.member(
                "actions",
                array: { array in
                    for action in actions where action.isScreenPop { action.write(to: &array) }
                })
            if let reason { $0.member("reason", reason.rawValue) }
        }
    }
}

extension Agent {
    /// `{"extension":…,"name":…,"peer":…}`; the CRM's own name of the agent stays inside.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("extension", self.extension.rawValue)
            $0.member("name", name)
            $0.member("peer", peer)
        }
    }
}

extension Contact {
    /// `{"id":…,"type":…,"name":…}`
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("id", id)
            $0.member("type", type)
            $0.member("name", name)
        }
    }
}

extension Call {
    /// The `call` member of a frame; times in ISO 8601, UTC.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.member("ref", ref.rawValue)
            $0.member("direction", direction.rawValue)
            $0.member("caller", caller)
            $0.member("callerE164", callerE164)
            $0.member("dialed", dialed)
            $0.member("queue", queue)
            $0.member("contactRef", contactRef)
            $0.member("holdSeconds", number: holdSeconds?.digits)
            $0.member("generation", generation.rawValue)
            $0.member("ringingAt", ringingAt)
            $0.member("upAt", upAt)
            $0.member("endedAt", endedAt)
        }
    }
}
