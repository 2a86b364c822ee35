/// Which events are under way on a connection, and when each counts as delivered.
///
///     emitted ──the transport says it was read──▶ read ──▶ delivered, where the server never acknowledges
///        │                                         └─────▶ waits for the acknowledgement, where it does
///        └──acknowledged──▶ delivered
///
/// Many servers acknowledge nothing: they must not be waited for. Once one has acknowledged anything, it is waited for;
/// what is not acknowledged in time failed. But some acknowledge this and not that, and would be sent the same event
/// for ever. So an event fails for want of an acknowledgement once; the second time the transport's word is enough. And
/// after ``patience`` such events in a row nobody is waited for any more, until the next acknowledgement.
struct EmitBook {
    typealias Instant = ContinuousClock.Instant

    enum Outcome: Hashable {
        case delivered
        case failed(ClientTrouble)
    }

    struct Ending: Hashable {
        var id: Int
        var outcome: Outcome
    }

    private struct Emit {
        var id: Int
        var key: String
        var deadline: Instant
        var isRead = false
    }

    /// Events in a row that were read and not acknowledged.
    static let patience = 3
    /// Events remembered that were read and not acknowledged in time; then the oldest is forgotten, and may fail again.
    static let memory = 256

    let capacity: Int
    let timeout: Duration
    private(set) var acknowledges = false
    private(set) var unacknowledged: UInt64 = 0
    /// In the order of their ids, which is that of sending.
    private var underWay: [Emit] = []
    private var doubtful: [String] = []
    private var inARow = 0
    /// Of the event that is begun next.
    private(set) var nextID = 1

    init(capacity: Int, timeout: Duration) {
        self.capacity = capacity
        self.timeout = timeout
    }

    var count: Int { underWay.count }

    /// - Parameter key: the same whenever the same event is sent.
    /// - Returns: the number to be acknowledged by; `nil` where too many are under way.
    mutating func begin(_ key: String, at now: Instant) -> Int? {
        guard underWay.count < capacity else { return nil }
        defer { nextID += 1 }
        underWay.append(Emit(id: nextID, key: key, deadline: now + timeout))
        return nextID
    }

    /// The transport says: all up to this one were read.
    mutating func read(upTo id: Int) -> [Ending] {
        for index in underWay.indices where underWay[index].id <= id { underWay[index].isRead = true }
        return acknowledges ? [] : take { $0.isRead }.map { end($0, .delivered) }
    }

    /// Late ones count, too: they tell that the server does acknowledge.
    mutating func acknowledged(_ id: Int) -> [Ending] {
        guard (1..<nextID).contains(id) else { return [] }
        (acknowledges, inARow) = (true, 0)
        return take { $0.id == id }.map { end($0, .delivered) }
    }

    mutating func forget(_ id: Int) { underWay.removeAll { $0.id == id } }

    mutating func connectionLost() -> [Ending] {
        take { _ in true }.map {
            end($0, .failed(ClientTrouble(.unanswered, "the connection broke off before it was confirmed")))
        }
    }

    /// What is not confirmed in time. `isDeaf`: the transport itself has no answer, so the connection is no good.
    mutating func lapse(at now: Instant) -> (endings: [Ending], isDeaf: Bool) {
        let lapsed = take { $0.deadline <= now }
        let endings = lapsed.map { $0.isRead ? lapseOfRead($0) : end($0, .failed(Self.unread)) }
        return (endings, lapsed.contains { !$0.isRead })
    }

    private static let unread = ClientTrouble(.unanswered, "no confirmation in time")

    private mutating func lapseOfRead(_ emit: Emit) -> Ending {
        guard acknowledges else { return end(emit, .delivered) }
        guard let index = doubtful.firstIndex(of: emit.key) else {
            doubtful.append(emit.key)
            if doubtful.count > Self.memory { doubtful.removeFirst() }
            return end(emit, .failed(ClientTrouble(.unanswered, "no acknowledgement in time")))
        }
        doubtful.remove(at: index)
        unacknowledged += 1
        inARow += 1
        if inARow >= Self.patience { (acknowledges, inARow) = (false, 0) }
        return end(emit, .delivered)
    }

    private func end(_ emit: Emit, _ outcome: Outcome) -> Ending { Ending(id: emit.id, outcome: outcome) }

    private mutating func take(_ isTaken: (Emit) -> Bool) -> [Emit] {
        let taken = underWay.filter(isTaken)
        underWay.removeAll(where: isTaken)
        return taken
    }
}
