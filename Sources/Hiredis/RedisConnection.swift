internal import CHiredis
internal import Glibc

/// One connection, alone with its `redisContext`. It lives on its loop's thread and never blocks there.
///
///     send ─▶ hiredis's buffer ─▶ flush ─▶ socket           one deadline for all that is awaited:
///     receiver ◀─ one reply each ◀─ reader ◀─ readable      past it the connection is dead
///
/// Replies come to ``receiver`` in the order of the commands. After any error the connection is closed and told to
/// ``onFailure``, once; it is never used again: clearing an error by hand would leave the replies out of step, and a
/// connection that timed out may still swallow an element.
///
/// Not `Sendable`: it belongs to the actor that opened it, whose executor is the loop.
public final class RedisConnection {
    /// A reply of more is not taken: hiredis itself knows no bound, and one
    /// list must not eat the memory of all.
    public static let largestReply = 64 << 20

    public let loop: RedisEventLoop
    private let descriptor: Int32
    /// `nil` where nothing is encrypted.
    private let tunnel: TLSTunnel?
    private var context: UnsafeMutablePointer<redisContext>?
    /// Why it is of no more use, where nobody was there yet to be told.
    private var failure: RedisError?
    /// What it may mean that the server hung up; until it has answered something.
    private var silenceHint: String?
    private var awaited = 0
    private var deadline = ContinuousClock.Instant.now
    private var deadlineTimer: RedisEventLoop.TimerID?
    private var isWaitingToWrite = false

    /// Called with each reply, in place.
    public var receiver: (RedisReply) -> Void = { _ in }
    /// Whether a reply answers a command; `nil` where all do. On a connection that has subscribed most come by themselves.
    public var isAnswer: ((RedisReply) -> Bool)?
    /// Called once all replies that one read brought were received.
    public var onReadEnd: (() -> Void)?
    /// Called once, when the connection has failed; not when ``close()`` was called.
    public var onFailure: (RedisError) -> Void = { _ in }

    /// Connects, over TLS where the endpoint says so; the server's greeting (authentication, database) is left to the
    /// caller.
    ///
    /// - Parameter timeout: for TCP, and for TLS.
    public static func open(
        _ endpoint: RedisEndpoint, on loop: RedisEventLoop, timeout: Duration,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisConnection {
        let dialer = RedisDialer(loop: loop, timeout: timeout)
        guard let tls = endpoint.tls, case .tcp(let host, _) = endpoint.address else {
            let connection = try RedisConnection(adopting: try await dialer.open(endpoint.address), loop: loop)
            if case .tcp = endpoint.address { connection.silenceHint = "perhaps it speaks TLS: expected rediss://" }
            return connection
        }
        let tunnel = try await TLSTunnel.prepare(tls, host: host)
        let descriptor = try await dialer.open(endpoint.address)
        do throws(RedisError) {
            let end = try await tunnel.open(over: descriptor, within: timeout)
            return try RedisConnection(adopting: end, through: tunnel, loop: loop)
        } catch {
            guard error.message == RedisError.silentInHandshake else { throw error }
            throw await isPlain(endpoint.address, dialer) ? RedisError(.tls, RedisError.plainServer) : error
        }
    }

    /// Whether a server that says nothing to TLS answers without. Nothing but PING is told to it.
    private static func isPlain(
        _ address: RedisEndpoint.Address, _ dialer: RedisDialer, isolation: isolated (any Actor)? = #isolation
    ) async -> Bool {
        guard let descriptor = try? await dialer.open(address),
            let connection = try? RedisConnection(adopting: descriptor, loop: dialer.loop)
        else { return false }
        defer { connection.close() }
        return (try? await connection.roundTrip([RedisCommand("PING")], within: .seconds(1))) != nil
    }

    private init(
        adopting descriptor: Int32, through tunnel: TLSTunnel? = nil, loop: RedisEventLoop
    ) throws(RedisError) {
        self.descriptor = descriptor
        self.tunnel = tunnel
        self.loop = loop
        guard let context = redisConnectFd(descriptor), context.pointee.err == 0 else {
            Glibc.close(descriptor)
            throw RedisError(.unreachable, "hiredis did not take the socket")
        }
        ctid_redis_make_nonblocking(context)
        // A batch is larger than hiredis keeps by default; giving its buffer back after each costs more than it saves.
        context.pointee.reader.pointee.maxbuf = 1 << 20
        self.context = context
        loop.watch(descriptor) { [weak self] in self?.ready($0) }
    }

    public var isOpen: Bool { context != nil }

    /// Queues a command; its reply must come within `time`, counted from now.
    public func send(_ command: RedisCommand, within time: Duration) {
        guard let context else { return }
        let result = command.bytes.withUnsafeBytes { bytes in
            redisAppendFormattedCommand(context, bytes.baseAddress, bytes.count)
        }
        guard result == REDIS_OK else { return fail(contextError(context)) }
        awaited += 1
        extendDeadline(to: loop.now + time)
    }

    /// Writes what is queued, as far as the socket takes it; the loop writes the rest.
    public func flush() {
        guard let context else { return }
        var isDone: Int32 = 0
        guard redisBufferWrite(context, &isDone) == REDIS_OK else { return fail(contextError(context)) }
        let mustWait = isDone == 0
        if mustWait != isWaitingToWrite { loop.setWritable(mustWait, descriptor) }
        isWaitingToWrite = mustWait
    }

    /// Closes, and tells ``onFailure`` so: for whoever waits for an answer that is no longer wanted.
    public func abandon() { fail(RedisError(.closed, "closed on our side")) }

    /// Idempotent. What was not answered never will be.
    public func close() {
        guard let context else { return }
        self.context = nil
        if let deadlineTimer { loop.cancel(deadlineTimer) }
        deadlineTimer = nil
        loop.unwatch(descriptor)
        redisFree(context)
    }

    /// It may be let go on any thread, but must end on the loop's. (An actor that holds one has no `isolated deinit` for
    /// that: with a custom executor the optimising compiler fails in whatever module imports it.)
    deinit {
        guard let context else { return }
        loop.perform { [loop, descriptor, deadlineTimer, ending = Ending(context: context)] in
            if let deadlineTimer { loop.cancel(deadlineTimer) }
            loop.unwatch(descriptor)
            redisFree(ending.context)
        }
    }

    /// `@unchecked Sendable`: nobody else has the context any more.
    private struct Ending: @unchecked Sendable { let context: UnsafeMutablePointer<redisContext> }

    // MARK: What the loop tells

    private func ready(_ readiness: RedisEventLoop.Readiness) {
        if readiness.isWritable { flush() }
        if readiness.isReadable { read() }
    }

    /// Reads once, and again only while a reply is incomplete: a further read that finds nothing is a system call
    /// a message. The loop comes back for whatever is left.
    private func read() {
        while let context {
            let before = context.pointee.reader.pointee.len
            guard redisBufferRead(context) == REDIS_OK else { return fail(contextError(context)) }
            let count = context.pointee.reader.pointee.len - before
            incomplete += count
            guard incomplete <= Self.largestReply else {
                return fail(RedisError(.tooLarge, "a reply of more than \(Self.largestReply >> 20) MiB"))
            }
            if receiveAll(from: context) {
                incomplete = 0
                onReadEnd?()
                break
            }
            if count == 0 { break }
        }
    }

    /// Bytes of a reply that is not all there yet. (hiredis's buffer has less: elements that are whole have left it.)
    private var incomplete = 0

    private func receiveAll(from context: UnsafeMutablePointer<redisContext>) -> Bool {
        var received = false
        while self.context == context {
            var raw: UnsafeMutableRawPointer?
            guard redisGetReplyFromReader(context, &raw) == REDIS_OK else {
                fail(contextError(context))
                return true
            }
            guard let raw else { return received }
            received = true
            silenceHint = nil
            let reply = RedisReply(pointer: raw.assumingMemoryBound(to: redisReply.self))
            if isAnswer?(reply) ?? true { awaited -= 1 }
            receiver(reply)
            freeReplyObject(raw)
        }
        return true
    }

    // MARK: Deadlines

    /// One timer serves many commands: when it is due too early, it is set anew.
    private func extendDeadline(to moment: ContinuousClock.Instant) {
        deadline = moment
        if deadlineTimer == nil { armDeadline() }
    }

    private func armDeadline() {
        deadlineTimer = loop.schedule(at: deadline) { [weak self] in self?.checkDeadline() }
    }

    private func checkDeadline() {
        deadlineTimer = nil
        // Whoever held up the loop held up the reading, too: what has come meanwhile may be an element that is ours.
        if awaited > 0, deadline <= .now { read() }
        guard isOpen, awaited > 0, deadlineTimer == nil else { return }
        if deadline <= .now {
            fail(RedisError(.timeout, "no answer within the time allowed"))
        } else {
            armDeadline()
        }
    }

    // MARK: Failing

    private func fail(_ error: RedisError) {
        guard context != nil else { return }
        failure = error
        let report = onFailure
        receiver = { _ in }
        isAnswer = nil
        onReadEnd = nil
        onFailure = { _ in }
        close()
        report(error)
    }

    private func contextError(_ context: UnsafeMutablePointer<redisContext>) -> RedisError {
        if let failure = tunnel?.failure { return failure }
        let code = context.pointee.err
        let text = withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        switch code {
        case REDIS_ERR_PROTOCOL: return RedisError(.protocolViolation, text)
        default:
            let words = text.isEmpty ? "the connection broke" : text
            return RedisError(.unreachable, silenceHint.map { "\(words); \($0)" } ?? words)
        }
    }
}

extension RedisConnection {
    /// Sends commands that are seldom needed and waits for all their replies, which are copied.
    public func roundTrip(
        _ commands: [RedisCommand], within time: Duration, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> [RedisValue] {
        let result: Result<[RedisValue], RedisError> = await withCheckedContinuation { continuation in
            guard isOpen else {
                let reason = failure ?? RedisError(.closed, "the connection is closed")
                return continuation.resume(returning: .failure(reason))
            }
            var values: [RedisValue] = []
            var isDone = false
            receiver = { reply in
                values.append(reply.value)
                if values.count == commands.count, !isDone {
                    isDone = true
                    continuation.resume(returning: .success(values))
                }
            }
            onFailure = { error in
                guard !isDone else { return }
                isDone = true
                continuation.resume(returning: .failure(error))
            }
            for command in commands { send(command, within: time) }
            flush()
        }
        return try result.get()
    }

    /// One command; an error reply is thrown.
    public func roundTrip(
        _ command: RedisCommand, within time: Duration, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        let values = try await roundTrip([command], within: time)
        let value = values.first ?? .null
        if case .error(let error) = value { throw error }
        return value
    }
}

extension RedisConnection {
    /// Says who we are and selects the database.
    public func authenticate(
        as endpoint: RedisEndpoint, within time: Duration, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) {
        if let password = endpoint.password {
            let user = endpoint.username.map { [$0] } ?? []
            let command = RedisCommand((["AUTH"] + user + [password]).map { Array($0.utf8) })
            _ = try await roundTrip(command, within: time)
        }
        if endpoint.database != 0 {
            _ = try await roundTrip(RedisCommand("SELECT", String(endpoint.database)), within: time)
        }
    }
}
