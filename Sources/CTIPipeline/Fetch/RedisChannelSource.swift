public import Hiredis

/// Listens to channels by a pattern, and hands on what is published.
///
///     run ─▶ connect ─▶ PSUBSCRIBE ─▶ messages ─▶ consumer
///               ▲                      ▲     │
///               └── pause ◀── error ◀──┘ PING every 2 s, answered within 2.5 s
///
/// Pub/sub keeps nothing: what is published while nobody listens is lost, and nothing tells how much it was. A connection
/// that is dead looks like one on which nothing happens, so the server is asked all the time whether it is there.
public actor RedisChannelSource: LoopActor {
    public nonisolated let loop: RedisEventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let settings: RedisChannelSettings
    private unowned let consumer: any ChannelConsumer
    private var connection: RedisConnection?
    /// Of the read under way.
    private var messages: [ChannelMessage] = []
    /// When what was answered last was asked. The server answers in order: what comes now was published after that.
    private var provenAt = ContinuousClock.now
    private var askedAt = ContinuousClock.now
    private var pingTimer: RedisEventLoop.TimerID?
    private var isStopping = false
    private var serving: CheckedContinuation<RedisError, Never>?
    private var sleeper: CheckedContinuation<Void, Never>?
    private var backOff = BackOff()
    public private(set) var status = ChannelStatus()

    /// So many are handed over at once, at most.
    private static let batch = 256

    public init(_ settings: RedisChannelSettings, loop: RedisEventLoop, consumer: any ChannelConsumer) {
        self.settings = settings
        self.loop = loop
        self.consumer = consumer
    }

    /// The server and the pattern, for the log.
    public nonisolated var place: String { "\(settings.endpoint.address), channels \(settings.pattern)" }
    public nonisolated var pattern: String { settings.pattern }
    /// So long at most it takes from one step to the next, see ``ChannelStatus/turnedAt``.
    nonisolated var longestTurn: Duration { settings.longestTurn }

    // MARK: Life

    /// Returns once ``stop()`` was called.
    public func run() async {
        while !isStopping {
            do throws(RedisError) {
                status.turnedAt = .now
                try await connect()
                throw await serve()
            } catch {
                connection?.close()
                connection = nil
                if isStopping { break }
                await pause(after: error)
            }
        }
        status.turnedAt = nil
        report(.stopped)
    }

    public func stop() {
        guard !isStopping else { return }
        isStopping = true
        endPause()
        // In the midst of a greeting: whoever awaits its answers must be told.
        guard serving != nil else { return connection?.abandon() ?? () }
        endServing(RedisError(.closed, "stopped"))
    }

    private func pause(after error: RedisError) async {
        let trouble = SourceTrouble(error, of: settings)
        let delay = backOff.next(trouble.pace)
        status.turnedAt = .now
        report(.failed(trouble, retryIn: delay))
        guard !isStopping else { return }
        await withCheckedContinuation { continuation in
            sleeper = continuation
            loop.schedule(at: .now + delay) { [weak self] in self?.assumeIsolated { $0.endPause() } }
        }
    }

    private func endPause() {
        sleeper?.resume()
        sleeper = nil
    }

    private func connect() async throws(RedisError) {
        let connection = try await RedisConnection.open(
            settings.endpoint, on: loop, timeout: settings.grace)
        self.connection = connection
        guard !isStopping else { throw RedisError(.closed, "stopped") }
        try await connection.authenticate(as: settings.endpoint, within: settings.grace)
        guard let name = settings.clientName else { return }
        // A convenience for whoever looks at CLIENT LIST: whether it is permitted does not matter.
        _ = try await connection.roundTrip([RedisCommand("CLIENT", "SETNAME", name)], within: settings.grace)
    }

    // MARK: Serving, in place

    private func serve() async -> RedisError {
        await withCheckedContinuation { continuation in
            guard let connection, connection.isOpen, !isStopping else {
                return continuation.resume(returning: RedisError(.closed, "closed before it was subscribed"))
            }
            serving = continuation
            attach(connection)
            ask(RedisCommand("PSUBSCRIBE", settings.pattern), on: connection)
        }
    }

    private func attach(_ connection: RedisConnection) {
        connection.isAnswer = { !Self.isMessage($0) }
        connection.receiver = { [unowned self] reply in onLoop { $0.receive(reply) } }
        connection.onReadEnd = { [unowned self] in onLoop { $0.handOver() } }
        connection.onFailure = { [unowned self] error in onLoop { $0.endServing(error) } }
    }

    private func ask(_ command: RedisCommand, on connection: RedisConnection) {
        askedAt = .now
        status.turnedAt = askedAt
        connection.send(command, within: settings.grace)
        connection.flush()
    }

    private static func isMessage(_ reply: RedisReply) -> Bool {
        reply.count == 4 && reply[0]?.bytes?.elementsEqual("pmessage".utf8) == true
    }

    private func receive(_ reply: RedisReply) {
        if let error = reply.error { return endServing(error) }
        status.answeredAt = loop.now
        if Self.isMessage(reply), let channel = reply[2]?.bytes, let payload = reply[3]?.bytes {
            messages.append(
                ChannelMessage(channel: String(decoding: channel, as: UTF8.self), payload: Array(payload)))
            if messages.count == Self.batch { handOver() }
        } else {
            answered(isPong: reply[0]?.bytes?.elementsEqual("pong".utf8) == true)
        }
    }

    private func answered(isPong: Bool) {
        // What was published before is older than that; it has its own bound.
        handOver()
        provenAt = askedAt
        if isPong {
            backOff.reset()
        } else {
            status.connects += 1
            report(.subscribed(status))
        }
        pingTimer = loop.schedule(at: .now + settings.ping) { [weak self] in self?.assumeIsolated { $0.ping() } }
    }

    private func ping() {
        pingTimer = nil
        guard serving != nil, let connection else { return }
        ask(RedisCommand("PING"), on: connection)
    }

    private func handOver() {
        guard !messages.isEmpty else { return }
        let taken = messages
        messages.removeAll(keepingCapacity: true)
        status.messages += taken.count
        consumer.onLoop { [age = provenAt.duration(to: .now)] consumer in
            consumer.take(channelMessages: taken, ageBound: age)
        }
    }

    private func endServing(_ error: RedisError) {
        handOver()
        let waiting = serving
        serving = nil
        if let pingTimer { loop.cancel(pingTimer) }
        pingTimer = nil
        connection?.close()
        waiting?.resume(returning: error)
    }

    private func report(_ report: ChannelReport) {
        consumer.onLoop { $0.channels(self, report: report) }
    }
}
