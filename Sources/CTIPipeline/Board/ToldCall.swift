public import CTICore

/// What a frame in the log says of its call, as far as a board shows it.
public struct ToldCall: Sendable, Hashable {
    public var event: CallEventKind
    public var direction: CallDirection
    public var agentName: String?
    public var caller: String
    public var queue: String?
    public var holdSeconds: Int?
    public var ringingAt: Timestamp?
    public var upAt: Timestamp?
    public var endedAt: Timestamp?
    public var contactName: String?
    /// Of missed calls.
    public var reason: String?

    /// Read in place; a frame in which something is escaped is parsed whole. `nil` where it is none of ours.
    init?(_ data: [UInt8]) {
        if let told = StoredFrame(data).toldCall { self = told } else { self.init(parsing: data) }
    }

    /// So long the caller waited: as the PBX told, else as far as it was heard to ring.
    var waited: Int? {
        if let holdSeconds { return holdSeconds }
        guard let ringingAt, let upAt, ringingAt <= upAt else { return nil }
        return Int((upAt.milliseconds - ringingAt.milliseconds) / 1000)
    }
}

extension ToldCall {
    private init?(parsing data: [UInt8]) {
        guard let frame = try? JSONTree(data), let call = frame["call"],
            let event = frame["event"]?.text.flatMap(CallEventKind.init(rawValue:)),
            let direction = call["direction"]?.text.flatMap(CallDirection.init(rawValue:))
        else { return nil }
        self.event = event
        self.direction = direction
        agentName = frame["agent"]?["name"]?.text
        caller = call["caller"]?.text ?? ""
        queue = call["queue"]?.text
        holdSeconds = call["holdSeconds"]?.text.flatMap { Int($0) }
        ringingAt = call["ringingAt"]?.moment
        upAt = call["upAt"]?.moment
        endedAt = call["endedAt"]?.moment
        contactName = frame["contact"]?["name"]?.text
        reason = frame["reason"]?.text
    }

    fileprivate init(event: CallEventKind, direction: CallDirection, caller: String) {
        self.event = event
        self.direction = direction
        self.caller = caller
    }
}

extension StoredFrame {
    /// Members are looked for in the order in which they were written, see ``CallFrame/write(to:)``.
    fileprivate var toldCall: ToldCall? {
        var start = 0
        guard let event = text("\"event\":\"", from: &start).flatMap(CallEventKind.init(rawValue:)),
            let name = optionalText("\"name\":", from: &start),
            let direction = text("\"direction\":\"", from: &start).flatMap(CallDirection.init(rawValue:)),
            let caller = text("\"caller\":\"", from: &start), let queue = optionalText("\"queue\":", from: &start),
            let hold = digits("\"holdSeconds\":", from: &start), let ringingAt = moment("\"ringingAt\":", from: &start),
            let upAt = moment("\"upAt\":", from: &start), let endedAt = moment("\"endedAt\":", from: &start)
        else { return nil }
        var told = ToldCall(event: event, direction: direction, caller: caller)
        (told.agentName, told.queue, told.holdSeconds) = (name, queue, hold?.value)
        (told.ringingAt, told.upAt, told.endedAt) = (ringingAt, upAt, endedAt)
        var (contact, reason) = (start, start)
        if move(behind: "\"contact\":{", &contact) {
            guard let name = text("\"name\":\"", from: &contact) else { return nil }
            told.contactName = name
        }
        if move(behind: "\"actions\":[]", &reason) { told.reason = text("\"reason\":\"", from: &reason) }
        return told
    }
}

extension JSONTree {
    fileprivate var moment: Timestamp? { text.flatMap { Timestamp(quoted: Array("\"\($0)\"".utf8)[...]) } }
}
