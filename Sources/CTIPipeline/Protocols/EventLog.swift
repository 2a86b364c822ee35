public import CTICore

/// One line of the event log: a frame as it is sent to an agent's or the board's stream, or a fact that `explain` tells.
///
/// It is recorded before it is delivered, and its position is the frame's `id:`.
public struct LogEntry: Sendable, Hashable {
    /// Raw values are what is stored: never change one.
    public enum Kind: Int64, Sendable, CaseIterable {
        /// A call event with its decision; sent to every session of the agent.
        case call = 1
        /// A pop offered to one session.
        case pop = 2
        /// A pop is over; sent to every session of the agent.
        case clear = 3
        case missed = 4
        /// A session's word on a pop. Not sent.
        case ack = 5
        /// What a rule's `realtime` action asks for; sent to the tenant's board.
        case realtime = 6
        /// A notification that could not be handled. Not sent.
        case deadLetter = 7
        /// A notification whose decision waits for a contact look-up; its `call` follows. Not sent.
        case received = 8
        /// What an agent does now, as the PBX told on the agent's channel. Not sent.
        case agentState = 9
        /// A sink has it, see ``SinkRecord``. Not sent.
        case delivery = 10

        /// Whether an agent's stream carries it.
        public var isAgentFrame: Bool {
            switch self {
            case .call, .pop, .clear, .missed: true
            case .ack, .realtime, .deadLetter, .received, .agentState, .delivery: false
            }
        }
    }

    public var kind: Kind
    public var agent: Extension?
    public var ref: CallRef?
    public var at: Timestamp
    /// JSON. For frames: the data, exactly as it is sent.
    public var data: [UInt8]
    /// The notification as the PBX pushed it; `nil` where the entry came of no notification.
    public var raw: [UInt8]?
    /// JSON: what led here, for `explain`.
    public var trace: [UInt8]?
    /// A `missed` that no session was there to see: handed over at the next log-in, see ``EventLog/held(agent:)``.
    public var held: Bool
    /// The held entry that this one tells anew: with the one recorded, the other is held no more. Not stored.
    public var handsOver: Position?

    public init(
        kind: Kind, agent: Extension? = nil, ref: CallRef? = nil, at: Timestamp, data: [UInt8], raw: [UInt8]? = nil,
        trace: [UInt8]? = nil, held: Bool = false, handsOver: Position? = nil
    ) {
        self.kind = kind
        self.agent = agent
        self.ref = ref
        self.at = at
        self.data = data
        self.raw = raw
        self.trace = trace
        self.held = held
        self.handsOver = handsOver
    }
}

public struct RecordedEntry: Sendable, Hashable {
    public var position: Position
    public var entry: LogEntry

    public init(position: Position, entry: LogEntry) {
        self.position = position
        self.entry = entry
    }
}

/// Which entries a reader asks for.
public enum LogSelection: Sendable, Hashable {
    /// `call`, `pop`, `clear` and `missed` of one agent.
    case agentFrames(Extension)
    /// `realtime` of the whole tenant.
    case realtime
    /// Everything of one call.
    case call(CallRef)
    case kind(LogEntry.Kind)
    case everything
}

/// What a log holds: positions `oldest...newest`, or nothing beyond `newest` yet where `oldest > newest`.
public struct LogBounds: Sendable, Hashable {
    /// The first position from which nothing has been left out.
    public var oldest: Position
    /// The last position given away; a fresh log has one, too, so that there is always something to resume from.
    public var newest: Position

    public init(oldest: Position, newest: Position) {
        self.oldest = oldest
        self.newest = newest
    }

    /// Whether all that came after `position` is still here.
    public func reachesBack(to position: Position) -> Bool {
        position <= newest && position.rawValue >= oldest.rawValue - 1
    }
}

/// What a log tells, to the process that writes it and to the commands beside it.
public protocol ReadableLog: Sendable {
    func bounds() async throws(EventLogError) -> LogBounds
    /// In ascending order, those after `position` (all where `nil`), at most `limit`.
    func entries(_ selection: LogSelection, after position: Position?, limit: Int) async throws(EventLogError)
        -> [RecordedEntry]
    /// The newest `call` entry of each call, newest first, those before `position` (all where `nil`), at most `limit`.
    func recentCalls(before position: Position?, limit: Int) async throws(EventLogError) -> [RecordedEntry]
    func mark(_ name: String) async throws(EventLogError) -> [UInt8]?
}

/// The durable record of one tenant: every call event with its decision, and every frame sent.
///
/// Appends are atomic and keep their order: either all entries of a call of `append` are durable when it returns, in
/// the order given, or none is. Positions are strictly increasing, also across restarts and replaced files.
public protocol EventLog: ReadableLog {
    /// Returns the position of the first entry; the others follow it without gaps. Empty input is a programming error.
    func append(_ entries: [LogEntry]) async throws(EventLogError) -> Position
    /// The agent's held `missed` entries, oldest first. They stay held until an entry hands them over, or ``release(_:)``.
    func held(agent: Extension) async throws(EventLogError) -> [RecordedEntry]
    /// These have been told: they are held no more.
    func release(_ positions: [Position]) async throws(EventLogError)
    /// Removes what is older than `moment`; returns how many entries went.
    func trim(before moment: Timestamp) async throws(EventLogError) -> Int
    /// Takes dead letters away, and nothing else: positions of other entries are passed over. The bounds stay as they
    /// are, since no stream carries dead letters and so no reader misses one. Returns those that went, ascending.
    func removeDeadLetters(at positions: [Position]) async throws(EventLogError) -> [Position]
    /// Small named values that must outlive a restart; `nil` removes. Durable when it returns.
    func setMark(_ name: String, _ value: [UInt8]?) async throws(EventLogError)
}

/// Why the log could not be written or read. Its description carries no number, name or payload.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable { case full, unwritable, corrupt, closed, failed }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether waiting may help: a disk that is full may be cleared, and then a damaged file be set aside, too.
    public var isRetriable: Bool { code != .closed }

    public var description: String { "event log \(code.rawValue): \(message)" }
}
