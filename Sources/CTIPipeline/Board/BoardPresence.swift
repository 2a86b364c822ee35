public import CTICore

/// What a tenant's board shows of this moment: who is there, and which calls are under way. A value, made at once.
public struct BoardPresence: Sendable {
    public struct UnderWay: Sendable, Hashable {
        public var ref: CallRef
        public var direction: CallDirection
        /// As agents may see it: masked where the tenant masks numbers. Empty when withheld.
        public var caller: String
        /// By the dialled number; a PBX may have told another one with the call.
        public var queue: String?
        /// `calling`, `ringing` or `up`.
        public var state: CallEventKind
        /// Who has the call, or where it rings.
        public var agents: [Extension]
        public var since: Timestamp
        public var upAt: Timestamp?

        public init(
            ref: CallRef, direction: CallDirection = .inbound, caller: String = "", queue: String? = nil,
            state: CallEventKind, agents: [Extension], since: Timestamp, upAt: Timestamp? = nil
        ) {
            self.ref = ref
            self.direction = direction
            self.caller = caller
            self.queue = queue
            self.state = state
            self.agents = agents
            self.since = since
            self.upAt = upAt
        }
    }

    public struct Known: Sendable, Hashable {
        public var `extension`: Extension
        public var name: String?
        /// As the PBX told last; `nil` where it never did.
        public var status: TeleforgeAgentStatus.Status?
        public var campaign: String?
        /// Pages that are open.
        public var sessions = 0
        /// One of the pages has the focus.
        public var isFocused = false
        /// Pops that are neither handled nor dismissed.
        public var pops = 0

        public init(extension: Extension, name: String? = nil) {
            self.extension = `extension`
            self.name = name
        }
    }

    public var displayName: String
    public var calls: [UnderWay]
    /// In no order.
    public var agents: [Known]
    /// Those of the tenant's file, each once.
    public var queues: [String]
    public var readiness: Readiness

    public init(
        displayName: String, calls: [UnderWay] = [], agents: [Known] = [], queues: [String] = [], readiness: Readiness
    ) {
        self.displayName = displayName
        self.calls = calls
        self.agents = agents
        self.queues = queues
        self.readiness = readiness
    }
}
