public import CTICore
public import CTIPipeline
public import Hiredis

/// Events to a Redis channel or stream, one after the other on a connection of its own.
///
/// A published event has no id, and whoever does not listen then never gets it: that is what PUBLISH is. A stream keeps
/// the position in our log as its id, so that what is sent twice is there once.
public actor RedisSink: Sink {
    public nonisolated let name: SinkName
    public nonisolated let settings: SinkSettings
    public nonisolated var selection: LogSelection { .kind(.call) }
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private nonisolated let redis: RedisSinkSettings
    private nonisolated let tenant: TenantID
    private nonisolated let loop: RedisEventLoop
    private var session: RedisSession?

    /// Connecting and an answer may take so long, each.
    private static let patience = Duration.seconds(5)

    /// - Parameter label: of its name; unique among the tenant's Redis sinks.
    public init(_ redis: RedisSinkSettings, label: String, tenant: TenantID, loop: RedisEventLoop) {
        self.redis = redis
        self.tenant = tenant
        self.loop = loop
        name = SinkName(.redis, label)
        // A server that is away is noticed at once, and one connection is all there is.
        settings = SinkSettings(ttl: redis.ttl, concurrency: 1, failuresUntilDown: 1)
    }

    public nonisolated func message(for recorded: RecordedEntry) -> SinkMessage? {
        guard !recorded.entry.isChoice else { return nil }
        let entry = recorded.entry.unmasked(region: redis.region)
        guard let frame = CallFrame(json: entry.data), redis.events.contains(frame.event),
            let data = DialectTranslation(redis.dialect, crmUser: redis.crmUser).data(of: entry)
        else { return nil }
        let context = PlanContext(
            call: frame.call, event: frame.event, agent: frame.agent, contact: frame.contact, tenant: tenant)
        return SinkMessage(
            position: recorded.position, id: "\(recorded.position)-0", event: frame.event.rawValue, ref: entry.ref,
            agent: entry.agent, at: entry.at, data: data, address: redis.target.template.rendered(context))
    }

    public func deliver(_ message: SinkMessage) async throws(SinkFailure) {
        do throws(RedisError) {
            let session = try await connected()
            switch redis.target {
            case .channel: try await session.run(RedisCommand([Array("PUBLISH".utf8), message.key, message.data]))
            case .stream(_, let length): try await add(message, keeping: length, to: session)
            }
        } catch {
            await disconnect()
            throw SinkFailure(error)
        }
    }

    public func run() async {
        // Nothing to keep: a connection is made when it is needed. It ends with the sink.
        await Task.untilCancelled()
        await disconnect()
    }

    private func connected() async throws(RedisError) -> RedisSession {
        if let session { return session }
        let session = try await RedisSession(redis.endpoint, on: loop, within: Self.patience)
        self.session = session
        return session
    }

    private func disconnect() async {
        let session = session
        self.session = nil
        await session?.close()
    }

    /// An id that is not beyond the stream's last was either added by us before the answer was lost, or the stream has
    /// ids of another making, and then takes one of its own.
    private func add(_ message: SinkMessage, keeping length: Int, to session: RedisSession) async throws(RedisError) {
        do throws(RedisError) {
            try await session.run(message.addition(id: message.id, keeping: length))
        } catch {
            guard error.code == .server, error.message.contains("equal or smaller") else { throw error }
            let found = try await session.run(
                RedisCommand([Array("XRANGE".utf8), message.key, Array(message.id.utf8), Array(message.id.utf8)]))
            guard found.elements.isEmpty else { return }
            try await session.run(message.addition(id: "*", keeping: length))
        }
    }
}

extension RedisSinkSettings.Target {
    fileprivate var template: Template {
        switch self {
        case .channel(let template), .stream(let template, _): template
        }
    }
}

extension SinkMessage {
    fileprivate var key: [UInt8] { Array((address ?? "").utf8) }

    /// `XADD key MAXLEN n id event … data …`
    fileprivate func addition(id: String, keeping length: Int) -> RedisCommand {
        let words = ["MAXLEN", "\(length)", id, "event", event, "data"].map { Array($0.utf8) }
        return RedisCommand([Array("XADD".utf8), key] + words + [data])
    }
}

extension SinkFailure {
    fileprivate init(_ error: RedisError) {
        let code: Code =
            switch error.code {
            case .unreachable, .tls, .closed, .loading, .clusterDown, .moved: .unreachable
            case .timeout, .protocolViolation, .tooLarge: .unanswered
            case .readOnly, .noAuth, .wrongPassword, .noPermission, .wrongType, .unknownCommand, .refusesWrites,
                .server:
                .refused
            }
        self.init(code, "\(error)")
    }
}
