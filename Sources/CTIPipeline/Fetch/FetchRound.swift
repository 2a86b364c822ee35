import CTICore
import Hiredis

/// One round trip to the list: a few commands at once, and what their replies mean.
///
///     at most once    [LLEN] BLPOP                          waiting: one element, or nothing after 2 s
///                     LPOP key 256 [LLEN]                   while there is a backlog
///     at least once   [removal] BLMOVE LRANGE [LLEN]        waiting moves nothing; the removal is of the round before
///                     [removal] LRANGE [LLEN]               while there is a backlog
///     now and then    CLIENT LIST before it                 who else waits in this database
///
/// A pure value: it is told the time and the replies, and never touches a connection. It is complete until it begins.
struct FetchRound {
    enum Step: Sendable {
        case removal(expected: Int)
        /// After the quick one found that the list is not as it was.
        case removalOfRest(expected: Int)
        case length
        case clients
        case waitAndPop
        case pop(asked: Int)
        case waitAndPeek
        case peek(asked: Int)
    }

    /// What came of it, beyond the elements themselves.
    struct Result {
        /// The list had more than was taken.
        var hasBacklog = false
        /// Nothing was left in the list, or nothing but what was read.
        var wasEmptied = false
        /// Elements that the removal did not find: somebody else reads this list.
        var missing = 0
        /// Nothing was removed, so what was read in the same round was known already: it is left aside.
        var isRemovalRefused = false
        var length: Int?
        var hasAskedClients = false
        /// What `CLIENT LIST` told; `nil` where it is not permitted.
        var clients: String?
        /// As known just before the first element came: what was taken then cannot make itself young.
        var emptyAsOf: ContinuousClock.Instant?
    }

    private var steps: [Step] = []
    private var next = 0
    private var sentAt = ContinuousClock.now
    private(set) var result = Result()

    /// Another round, in the memory of the last.
    mutating func begin(at moment: ContinuousClock.Instant) {
        steps.removeAll(keepingCapacity: true)
        next = 0
        sentAt = moment
        result = Result()
    }

    mutating func add(_ step: Step) { steps.append(step) }

    /// The replies will not come.
    mutating func abandon() { next = steps.count }

    var isComplete: Bool { next >= steps.count }

    /// Takes one reply. Elements go to `batch` in the order in which they were pushed.
    mutating func receive(
        _ reply: RedisReply, side: RedisListSettings.PopSide, batch: inout NotificationBatch,
        freshness: inout ListFreshness<ContinuousClock.Instant>
    ) throws(RedisError) {
        guard !isComplete else { throw RedisError(.protocolViolation, "more replies than commands") }
        defer { next += 1 }
        if case .clients = steps[next] {
            // A permission for it that was taken away does not matter.
            result.hasAskedClients = true
            result.clients = reply.bytes.map { String(decoding: $0, as: UTF8.self) }
            return
        }
        if let error = reply.error { throw error }
        switch steps[next] {
        case .clients: break
        case .removal where reply.integer == ListCommands.notAsRead:
            result.isRemovalRefused = true
        case .removal(let expected), .removalOfRest(let expected):
            result.missing += max(0, expected - Int(reply.integer ?? 0))
        case .length:
            let length = Int(reply.integer ?? 0)
            result.length = length
            result.hasBacklog = length > 1
            freshness.saw(length: length, at: sentAt)
        case .waitAndPop:
            result.emptyAsOf = freshness.emptyAsOf
            if let element = reply[1]?.bytes {
                batch.append(element)
                freshness.took(1)
            } else {
                result.wasEmptied = true
                sawEmpty(&freshness)
            }
        case .pop(let asked):
            if batch.isEmpty { result.emptyAsOf = freshness.emptyAsOf }
            receivePopped(reply, asked: asked, batch: &batch, freshness: &freshness)
        case .waitAndPeek:
            // The LRANGE that follows says what is there.
            break
        case .peek where result.isRemovalRefused:
            break
        case .peek(let asked):
            result.emptyAsOf = freshness.emptyAsOf
            receivePeeked(reply, asked: asked, side: side, batch: &batch, freshness: &freshness)
        }
    }

    private mutating func receivePopped(
        _ reply: RedisReply, asked: Int, batch: inout NotificationBatch,
        freshness: inout ListFreshness<ContinuousClock.Instant>
    ) {
        var taken = 0
        if let single = reply.bytes {
            batch.append(single)
            taken = 1
        }
        for index in 0..<reply.count {
            guard let bytes = reply[index]?.bytes else { continue }
            batch.append(bytes)
            taken += 1
        }
        freshness.took(taken)
        result.hasBacklog = taken == asked
        result.wasEmptied = taken < asked
        if taken < asked { sawEmpty(&freshness) }
    }

    private mutating func receivePeeked(
        _ reply: RedisReply, asked: Int, side: RedisListSettings.PopSide, batch: inout NotificationBatch,
        freshness: inout ListFreshness<ContinuousClock.Instant>
    ) {
        let count = reply.count
        for offset in 0..<count {
            guard let bytes = reply[side == .left ? offset : count - 1 - offset]?.bytes else { continue }
            batch.append(bytes)
        }
        result.hasBacklog = count == asked
        result.wasEmptied = count < asked
        if count == 0 { sawEmpty(&freshness) }
        // These are the list's only elements: once they are taken, it is empty of all that was pushed before now.
        if count > 0, count < asked { freshness.saw(length: count, at: sentAt) }
        freshness.took(count)
    }

    /// The round began with commands that found nothing: the list was empty when it was sent, at the earliest.
    private func sawEmpty(_ freshness: inout ListFreshness<ContinuousClock.Instant>) {
        freshness.saw(length: 0, at: sentAt)
    }
}
