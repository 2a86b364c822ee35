import CTICore

/// What waits for one sink, in what order it may go, and when it is tried again.
///
///     read ─▶ waiting ── deliver ──▶ under way ── delivered ─▶ settled
///                ▲                      │
///                └─ back-off, pause ────┤ failed
///                                       └─ would be refused again, tried too often, too old ─▶ settled: dead letter
///
/// Messages of one call go one after the other; others pass one that is stuck. After a few failures in a row the receiver
/// counts as down: then one message at a time is tried, at growing intervals, and tries no longer count, so that an outage
/// makes no dead letters but by age.
struct SinkQueue: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// So many are held in memory, besides those that failed before; all others wait in the log.
    static let room = 256
    /// With those that failed.
    static let most = 1024

    enum Action: Sendable, Hashable {
        case deliver(SinkMessage)
        case settle(SinkSettlement)
    }

    private struct Item: Sendable {
        let message: SinkMessage
        var isUnderWay = false
        var tries = 0
        /// Of those, the ones that count.
        var attempts = 0
        var retryAt: Instant?
        var failure: SinkFailure?
    }

    private enum Lane: Hashable {
        case call(CallRef)
        case alone(Position)
    }

    private let settings: SinkSettings
    private let random: @Sendable () -> Double
    /// In the order of the log.
    private var items: [Item] = []
    private var failuresInARow = 0
    /// The last failure's, if it was refused.
    private var lastRefused: Position?
    private var pause: Duration
    /// When a receiver that is down is tried next.
    private var probeAt: Instant?
    /// The receiver asked not to be sent anything before.
    private var throttledUntil: Instant?
    /// Since when the receiver is down.
    private(set) var downSince: Timestamp?

    /// - Parameter random: between 0 and 1, for jitter.
    init(_ settings: SinkSettings, random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }) {
        self.settings = settings
        self.random = random
        pause = settings.pause.lowerBound
    }

    var isDown: Bool { downSince != nil }
    var count: Int { items.count }
    /// Those that failed take no room from others, as long as they are not too many: one that is refused again and again
    /// must not keep what came after it out.
    var free: Int { max(0, min(Self.room - items.count { $0.failure == nil }, Self.most - items.count)) }
    var underWay: Int { items.count { $0.isUnderWay } }
    var open: [Position] { items.map(\.message.position) }
    var oldest: Timestamp? { items.first?.message.at }

    mutating func add(_ messages: [SinkMessage]) { items += messages.map { Item(message: $0) } }

    // MARK: What is to be done now

    /// Those that may go now, and those that have become too old.
    mutating func due(at now: Instant, wall: Timestamp) -> [Action] {
        let expired = expire(wall)
        var (limit, lanes) = (limit(at: now) - underWay, Set<Lane>())
        guard limit > 0 else { return expired }
        var actions = expired
        let ready = items.indices.filter { index in
            let isFirst = lanes.insert(lane(of: items[index].message)).inserted
            return isFirst && !items[index].isUnderWay && (isDown || items[index].retryAt.map { $0 <= now } ?? true)
        }
        // Of a receiver that is down another one is asked for each time: one that is refused for its own sake would
        // otherwise be asked for again and again, and nothing else.
        for index in isDown ? ready.sorted(by: { (items[$0].tries, $0) < (items[$1].tries, $1) }) : ready {
            guard limit > 0 else { break }
            items[index].isUnderWay = true
            items[index].tries += 1
            actions.append(.deliver(items[index].message))
            limit -= 1
        }
        return actions
    }

    /// When ``due(at:wall:)`` has something new to say, if nothing else happens before.
    func nextWake(after now: Instant, wall: Timestamp) -> Instant? {
        let waiting = items.filter { !$0.isUnderWay }
        guard let first = waiting.first else { return nil }
        let expiry = now + max(.zero, settings.ttl - wall.since(first.message.at)) + .milliseconds(1)
        let held = [probeAt, throttledUntil].compactMap(\.self).filter { $0 > now }.max()
        let retry = waiting.compactMap(\.retryAt).filter { $0 > now }.min()
        // No later than in a minute: whoever sleeps is not woken when an earlier moment turns up.
        return [expiry, held ?? retry, now + .seconds(60)].compactMap(\.self).min()
    }

    private func lane(of message: SinkMessage) -> Lane { message.ref.map { .call($0) } ?? .alone(message.position) }

    private func limit(at now: Instant) -> Int {
        if let throttledUntil, throttledUntil > now { return 0 }
        guard isDown else { return settings.concurrency }
        return probeAt.map { $0 <= now } ?? true ? 1 : 0
    }

    private mutating func expire(_ wall: Timestamp) -> [Action] {
        let old = items.filter { !$0.isUnderWay && wall.since($0.message.at) > settings.ttl }
        guard !old.isEmpty else { return [] }
        let gone = Set(old.map(\.message.position))
        items.removeAll { gone.contains($0.message.position) }
        return old.map { item in
            let why = item.failure.map { "not delivered in time; last \($0)" } ?? "not delivered in time"
            return .settle(
                SinkSettlement(item.message, tries: item.tries, .gaveUp(code: SinkStatus.expired, message: why)))
        }
    }

    // MARK: What came of it

    mutating func delivered(_ position: Position) -> [Action] {
        guard let item = remove(position) else { return [] }
        recover()
        return [.settle(SinkSettlement(item.message, tries: item.tries, .delivered))]
    }

    mutating func failed(_ position: Position, _ failure: SinkFailure, at now: Instant, wall: Timestamp) -> [Action] {
        guard let index = items.firstIndex(where: { $0.message.position == position }) else { return [] }
        items[index].isUnderWay = false
        items[index].failure = failure
        switch failure.retry {
        case .never:
            // It has answered, so it is there.
            recover()
            return giveUp(position, failure)
        case .after(let time):
            throttledUntil = max(now + time, throttledUntil ?? now)
            return []
        case .later where failure.code == .rejected:
            // So the receiver is there, and this message alone is tried ever more rarely.
            recover()
            return tryAgain(index, failure, at: now)
        case .later:
            return tryLater(index, failure, at: now, wall: wall)
        }
    }

    private mutating func tryAgain(_ index: Int, _ failure: SinkFailure, at now: Instant) -> [Action] {
        items[index].attempts += 1
        items[index].retryAt = now + jittered(step(items[index].attempts))
        return items[index].attempts < settings.attempts ? [] : giveUp(items[index].message.position, failure)
    }

    private mutating func tryLater(
        _ index: Int, _ failure: SinkFailure, at now: Instant, wall: Timestamp
    ) -> [Action] {
        // Who refuses the same one again is there: that tells of the message, not of the receiver.
        let isSameAgain = failure.code == .refused && lastRefused == items[index].message.position
        if !isSameAgain { failuresInARow += 1 }
        lastRefused = failure.code == .refused ? items[index].message.position : nil
        if isDown {
            pause = min(pause * 2, settings.pause.upperBound)
            probeAt = now + jittered(pause)
            return []
        }
        if failuresInARow >= settings.failuresUntilDown {
            downSince = wall
            probeAt = now + jittered(pause)
        }
        return tryAgain(index, failure, at: now)
    }

    private mutating func giveUp(_ position: Position, _ failure: SinkFailure) -> [Action] {
        guard let item = remove(position) else { return [] }
        let outcome = SinkSettlement.Outcome.gaveUp(code: failure.code.rawValue, message: failure.message)
        return [.settle(SinkSettlement(item.message, tries: item.tries, outcome))]
    }

    private mutating func remove(_ position: Position) -> Item? {
        items.firstIndex { $0.message.position == position }.map { items.remove(at: $0) }
    }

    /// What waited since the receiver was down need not wait any longer.
    private mutating func recover() {
        (failuresInARow, lastRefused) = (0, nil)
        guard isDown else { return }
        (downSince, probeAt) = (nil, nil)
        pause = settings.pause.lowerBound
        for index in items.indices { items[index].retryAt = nil }
    }

    private func step(_ attempts: Int) -> Duration {
        let doublings = min(attempts - 1, 30)
        return min(settings.backOff.lowerBound * (1 << doublings), settings.backOff.upperBound)
    }

    /// Between half of it and the whole.
    private func jittered(_ duration: Duration) -> Duration { duration * (0.5 + random() / 2) }
}

/// What became of a message in the end.
struct SinkSettlement: Sendable, Hashable {
    enum Outcome: Sendable, Hashable {
        case delivered
        case gaveUp(code: String, message: String)
    }

    let message: SinkMessage
    let tries: Int
    let outcome: Outcome

    init(_ message: SinkMessage, tries: Int, _ outcome: Outcome) {
        self.message = message
        self.tries = tries
        self.outcome = outcome
    }
}
