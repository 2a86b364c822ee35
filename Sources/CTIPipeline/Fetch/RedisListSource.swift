import CTICore
public import Hiredis

/// Takes notifications off a Redis list, a round at a time, and hands them on in batches.
///
///     run ─▶ connect ─▶ greet ─▶ reconcile ─▶ round ─▶ batch ─▶ consumer
///               ▲                               ▲                  │ recorded()
///               └── pause ◀── any error         └──────────────────┘
///
/// The rounds run in place on the event loop, in the callbacks of the connection; `run` sleeps meanwhile and wakes for
/// what is rare: a broken connection, a stop. See ``FetchRound`` for what is sent, ``ListFreshness`` for ages,
/// ``SourceTrouble`` for what follows an error. A connection on which anything went wrong is never used again.
public actor RedisListSource: LoopActor {
    public nonisolated let loop: RedisEventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let settings: RedisListSettings
    private let commands: ListCommands
    private unowned let consumer: any NotificationConsumer
    private let onEmpty: @Sendable (ContinuousClock.Instant) -> Void
    private var toldEmpty: ContinuousClock.Instant?

    private var connection: RedisConnection?
    private var answer = RedisGreeting.Answer()
    private var round = FetchRound()
    /// What the round under way brings.
    private var batch = NotificationBatch()
    /// What the consumer has, or had last. It takes turns with `batch` and `toRemove`, so that no memory is given back.
    private var handed = NotificationBatch()
    private var freshness: ListFreshness<ContinuousClock.Instant>
    private var hasBacklog = false
    /// Rounds in a row that brought something: after some of them the length is asked for, lest a backlog that came all
    /// at once be taken one by one.
    private var fruitfulRounds = 0
    /// At least once: recorded, but still in the list.
    private var toRemove = NotificationBatch()
    /// The list is not as it was: they are to be compared one by one.
    private var mustCompareAll = false
    private var isHandedOver = false
    /// What was handed over is still in the list: it was only read. A reconnect may change the delivery meanwhile.
    private var isOnlyRead = false
    private var isStopping = false
    private var serving: CheckedContinuation<RedisError, Never>?
    private var backOff = BackOff()
    private var size: FetchSize
    /// Elements that the round under way brings at most.
    private var asked = 1
    /// A trouble was reported, and no round has worked since: connecting alone does not prove that it is over.
    private var isInTrouble = false
    private var others = OtherClientsWatch()
    private let clientLists: ClientLists
    private var sleeper: CheckedContinuation<Void, Never>?
    public private(set) var status: SourceStatus

    /// The length is asked for so often at most: it bounds the age of what is fetched.
    private static let lengthInterval = Duration.milliseconds(500)
    private static let fruitfulRoundsBeforeLength = 8

    /// - Parameters:
    ///   - emptyAsOf: when an earlier process saw the list empty.
    ///   - clientLists: shared by all that read from the same servers.
    ///   - onEmpty: told now and then when it was last seen so; called on the loop, must not block.
    public init(
        _ settings: RedisListSettings, loop: RedisEventLoop, consumer: any NotificationConsumer,
        emptyAsOf: ContinuousClock.Instant? = nil, clientLists: ClientLists = ClientLists(),
        onEmpty: @escaping @Sendable (ContinuousClock.Instant) -> Void = { _ in }
    ) {
        self.settings = settings
        self.onEmpty = onEmpty
        self.clientLists = clientLists
        self.loop = loop
        self.consumer = consumer
        commands = ListCommands(settings)
        freshness = ListFreshness(remembered: emptyAsOf)
        size = FetchSize(settings.batch)
        status = SourceStatus(delivery: settings.delivery)
    }

    /// The server and the key, for the log.
    public nonisolated var place: String { "\(settings.endpoint.address), list \(settings.key)" }

    /// So long at most it takes from one step to the next, see ``SourceStatus/turnedAt``.
    nonisolated var longestTurn: Duration { settings.longestTurn }

    /// What the list is for.
    public nonisolated var feed: Feed { settings.feed }
    public nonisolated var key: String { settings.key }

    // MARK: Life

    /// Returns once ``stop()`` was called and nothing is under way any more.
    public func run() async {
        while !isStopping {
            do throws(RedisError) {
                status.state = .connecting
                status.turnedAt = .now
                try await connect()
                throw await serve()
            } catch {
                connection?.close()
                connection = nil
                round.abandon()
                if isStopping { break }
                await pause(after: error)
            }
        }
        status.state = .stopped
        status.turnedAt = nil
        report(.stopped)
    }

    /// Ends the wait at once. What BLPOP may already have taken is still fetched: the server is asked to end the wait,
    /// and answers with the element or with none.
    public func stop() async {
        guard !isStopping else { return }
        isStopping = true
        sleeper?.resume()
        sleeper = nil
        // In the midst of a greeting: whoever awaits its answers must be told.
        guard serving != nil else { return connection?.abandon() ?? () }
        guard !round.isComplete else { return endServing(RedisError(.closed, "stopped")) }
        // Peeking moves nothing: closing loses nothing. (A removal that was sent is done or not: both are fine.)
        if status.delivery == .atLeastOnce { return endServing(RedisError(.closed, "stopped")) }
        await unblock()
    }

    /// The consumer has recorded the batch that it was given.
    public func recorded() {
        guard isHandedOver else { return }
        isHandedOver = false
        status.waitsForRecord = false
        if isOnlyRead, status.delivery == .atLeastOnce { swap(&toRemove, &handed) }
        // In the midst of a callback the round begins when that returns.
        if !isInCallback { startRound() }
    }

    private func pause(after error: RedisError) async {
        let type = error.code == .wrongType ? await typeOfKey() : nil
        let trouble = SourceTrouble(
            error, of: settings, holding: type, fetching: asked, delivery: status.delivery)
        if error.code == .tooLarge { size.shrink() }
        let delay = backOff.next(trouble.pace)
        isInTrouble = true
        status.state = .failed(trouble)
        status.turnedAt = .now
        report(.failed(trouble, retryIn: delay))
        guard !isStopping else { return }
        await withCheckedContinuation { continuation in
            sleeper = continuation
            loop.schedule(at: .now + delay) { [weak self] in self?.assumeIsolated { $0.endPause() } }
        }
    }

    /// What the key holds instead of a list.
    private func typeOfKey() async -> String? {
        do throws(RedisError) {
            let session = try await RedisSession(settings.endpoint, on: loop, within: settings.grace)
            let type = try await session.run(RedisCommand("TYPE", settings.key)).text
            await session.close()
            return type
        } catch {
            // It is said without.
            return nil
        }
    }

    private func endPause() {
        sleeper?.resume()
        sleeper = nil
    }

    // MARK: Connecting

    private func connect() async throws(RedisError) {
        let connection = try await RedisConnection.open(
            settings.endpoint, on: loop, timeout: settings.grace)
        guard !isStopping else {
            connection.close()
            throw RedisError(.closed, "stopped")
        }
        self.connection = connection
        status.turnedAt = .now
        others.begin(after: clientLists.number(of: settings.endpoint))
        let asksClients = clientLists.mayAsk(settings.endpoint, at: .now)
        answer = try await RedisGreeting(settings: settings, asksClients: asksClients)
            .perform(on: connection, commands: commands)
        if asksClients { clientLists.tell(answer.clients, of: settings.endpoint) }
        // It can be long, and is not needed any more.
        answer.clients = nil
        status.serverVersion = answer.version
        (status.delivery, status.fallback) = try answer.access.choose(settings.delivery, side: settings.popSide)
        if let id = answer.clientID { others.note(own: id) }
        // What a former connection was about to remove: found anew, or fetched again and known by its reference.
        toRemove.removeAll()
        mustCompareAll = false
        // A length that was seen counts elements of then. The list may have become another one, or give some of them
        // twice, and what is left of it would be taken for younger than it is.
        freshness = ListFreshness(remembered: freshness.emptyAsOf)
        if status.delivery == .atLeastOnce { try await reconcile(connection) }
        guard connection.isOpen, !isStopping else { throw RedisError(.closed, "closed while it was set up") }
        status.connects += 1
        if !isInTrouble { reportConnected() }
    }

    private func reportConnected() {
        isInTrouble = false
        status.answeredAt = .now
        status.state = .fetching
        report(.connected(status))
        if let reason = status.fallback { report(.fallenBack(reason: reason)) }
        lookForOthers()
    }

    private func lookForOthers() {
        if let changed = others.look(in: clientLists, of: settings) { report(.otherClients(changed)) }
    }

    /// Finds what was recorded but not yet removed when the connection, or the whole process, was cut off: the list
    /// then begins with the newest recorded notifications. They are removed, not fetched again.
    private func reconcile(_ connection: RedisConnection) async throws(RedisError) {
        let recorded = await consumer.newestRecorded(limit: settings.batch, feed: settings.feed)
        guard !recorded.isEmpty else { return }
        asked = size.current
        let reply = try await connection.roundTrip(commands.peek(asked), within: settings.grace)
        let inList = reply.elements.compactMap(\.bytes)
        let head = settings.popSide == .left ? inList : inList.reversed()
        // Recorded while we asked: it is what the list begins with.
        guard toRemove.isEmpty else { return }
        toRemove = NotificationBatch(Self.overlap(recorded: recorded, head: head))
    }

    /// The longest end of `recorded` that `head` begins with.
    static func overlap(recorded: [[UInt8]], head: [[UInt8]]) -> [[UInt8]] {
        for length in stride(from: min(recorded.count, head.count), to: 0, by: -1)
        where recorded.suffix(length).elementsEqual(head.prefix(length)) {
            return Array(head.prefix(length))
        }
        return []
    }

    // MARK: Serving, in place

    private func serve() async -> RedisError {
        await withCheckedContinuation { continuation in
            guard let connection, connection.isOpen, !isStopping else {
                return continuation.resume(returning: RedisError(.closed, "closed before the first round"))
            }
            serving = continuation
            attach(connection)
            if !isHandedOver { startRound() }
        }
    }

    /// The connection calls back on the loop, which is this actor's executor.
    private func attach(_ connection: RedisConnection) {
        connection.receiver = { [unowned self] reply in onLoop { $0.receive(reply) } }
        connection.onFailure = { [unowned self] error in onLoop { $0.endServing(error) } }
    }

    private func endServing(_ error: RedisError) {
        // No further round, whatever is recorded in the midst of this.
        let waiting = serving
        serving = nil
        // What was taken, but not handed over, must not be dropped with the connection.
        if !batch.isEmpty, !isHandedOver { handOver() }
        round.abandon()
        connection?.close()
        waiting?.resume(returning: error)
    }

    private func startRound() {
        guard serving != nil, round.isComplete, !isHandedOver, let connection else { return }
        guard !isStopping else { return endServing(RedisError(.closed, "stopped")) }
        let now = loop.now
        status.turnedAt = now
        round.begin(at: now)
        asked = size.current
        queueRemoval(on: connection)
        // While there is a backlog, waiting would only cost a command.
        let isKnowledgeOld = freshness.emptyAsOf.map { $0.duration(to: now) > Self.lengthInterval } ?? true
        let mustAskLength = isKnowledgeOld || fruitfulRounds >= Self.fruitfulRoundsBeforeLength
        if mustAskLength { fruitfulRounds = 0 }
        if mustAskLength, canBatch, answer.access.allows("LLEN") {
            round.add(.length)
            connection.send(commands.length, within: timeAllowed)
        }
        if others.isDue(at: now) {
            lookForOthers()
            if clientLists.mayAsk(settings.endpoint, at: now) {
                round.add(.clients)
                connection.send(RedisGreeting.clients, within: timeAllowed)
            }
        }
        switch (status.delivery, hasBacklog && canBatch) {
        case (.atMostOnce, false):
            asked = 1
            round.add(.waitAndPop)
            connection.send(commands.waitAndPop, within: timeAllowed)
        case (.atMostOnce, true):
            let isCounted = answer.access.isPopCountSupported
            for command in commands.pop(size.current, isCountSupported: isCounted) {
                round.add(.pop(asked: isCounted ? size.current : 1))
                connection.send(command, within: settings.grace)
            }
        case (.atLeastOnce, let hasBacklog):
            if !hasBacklog {
                round.add(.waitAndPeek)
                connection.send(commands.waitAndPeek, within: timeAllowed)
            }
            round.add(.peek(asked: size.current))
            connection.send(commands.peek(size.current), within: timeAllowed)
        }
        connection.flush()
    }

    private var canBatch: Bool {
        settings.batch > 1 && answer.access.canBatch(status.delivery, side: settings.popSide)
    }

    private var timeAllowed: Duration { settings.wait + settings.grace }

    private func queueRemoval(on connection: RedisConnection) {
        guard !toRemove.isEmpty else { return }
        if !answer.access.allows("EVAL") {
            for command in commands.removalOneByOne(of: toRemove.elements) {
                round.add(.removal(expected: 1))
                connection.send(command, within: timeAllowed)
            }
        } else if mustCompareAll {
            round.add(.removalOfRest(expected: toRemove.count))
            connection.send(commands.removalOfRest(of: toRemove.elements), within: timeAllowed)
        } else {
            round.add(.removal(expected: toRemove.count))
            connection.send(commands.removal(of: toRemove), within: timeAllowed)
        }
    }

    private var isInCallback = false

    private func receive(_ reply: RedisReply) {
        guard !round.isComplete else { return }
        do throws(RedisError) {
            try round.receive(reply, side: settings.popSide, batch: &batch, freshness: &freshness)
        } catch {
            // What it had brought before is handed over with its age, and nothing is sent any more.
            return endServing(error)
        }
        // An error reply is no answer of the list.
        status.answeredAt = loop.now
        status.turnedAt = status.answeredAt
        if round.isComplete { finish() }
    }

    private func finish() {
        status.rounds += 1
        backOff.reset()
        size.grow()
        if isInTrouble { reportConnected() }
        if round.result.hasAskedClients { clientLists.tell(round.result.clients, of: settings.endpoint) }
        fruitfulRounds = batch.isEmpty ? 0 : fruitfulRounds + 1
        mustCompareAll = round.result.isRemovalRefused
        if !mustCompareAll { toRemove.removeAll() }
        hasBacklog = round.result.hasBacklog
        if let length = round.result.length {
            status.backlog = max(0, length - batch.count)
        } else if round.result.wasEmptied {
            status.backlog = 0
        }
        if round.result.missing > 0 {
            status.missing += round.result.missing
            report(.secondReader(missing: round.result.missing))
        }
        tellEmpty()
        isInCallback = true
        if !batch.isEmpty { handOver() }
        isInCallback = false
        startRound()
    }

    /// Once a second at most: it is written down each time, to be known after a restart.
    private func tellEmpty() {
        guard let moment = freshness.emptyAsOf else { return }
        if let toldEmpty, toldEmpty.duration(to: moment) < .seconds(1) { return }
        toldEmpty = moment
        onEmpty(moment)
    }

    private func handOver() {
        status.fetched += batch.count
        isOnlyRead = status.delivery == .atLeastOnce
        // Not the moment the loop woke: what it did since then makes calls older, never younger.
        batch.ageBound = round.result.emptyAsOf.map { $0.duration(to: .now) }
        isHandedOver = true
        status.waitsForRecord = true
        swap(&batch, &handed)
        batch.removeAll()
        consumer.onLoop { [handed] consumer in consumer.take(handed, from: self) }
    }

    private func report(_ report: SourceReport) {
        consumer.onLoop { $0.source(self, report: report) }
    }

    // MARK: Stopping a BLPOP

    /// Ends the wait from a second connection: the server then answers the first with what it has popped, or with
    /// nothing. Closing the first instead could drop an element that is on its way.
    private func unblock() async {
        guard let id = answer.clientID else { return }
        do throws(RedisError) {
            let session = try await RedisSession(settings.endpoint, on: loop, within: settings.grace)
            // Whether the wait was still under way does not matter: its answer is on its way now.
            _ = try await session.run([RedisCommand("CLIENT", "UNBLOCK", String(id))])
            await session.close()
        } catch {
            // Not allowed, or not reachable: the wait ends by itself within its bound.
        }
    }
}
