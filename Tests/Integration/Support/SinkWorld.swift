import CTICore
import CTIPipeline
import CTISinks
import Foundation
import Hiredis
import Synchronization

/// A sink and its receiver, for the suite that every kind of sink passes.
protocol SinkWorld: Sendable {
    /// The same each time, as after a restart; with this time to live.
    func makeSink(ttl: Duration) throws -> any Sink
    /// An entry of the log that the sink tells of.
    func entry(_ ref: String, at moment: Timestamp) -> LogEntry
    /// The calls' references, in the order in which they came.
    func received() async throws -> [String]
    /// The receiver goes, as a killed process does; what it has received it still knows.
    func close() async
    /// It is there again.
    func open() async throws
    /// It takes connections and says nothing, until told to go on.
    func freeze() async
    func thaw() async
    func end() async
}

extension SinkWorld {
    func entry(_ ref: String, at moment: Timestamp) -> LogEntry { .sinkCall(ref, at: moment) }
}

extension LogEntry {
    /// A recorded call that is up.
    static func sinkCall(_ ref: String, at moment: Timestamp) -> LogEntry {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: "0821234567", dialed: "0117654321",
            holdSeconds: nil, callRef: CallRef(ref), contactRef: nil, extension: Extension("1007"))
        let frame = CallFrame(
            id: PopID("p-\(ref)"), tenant: .acme, event: .up, agent: Agent(extension: Extension("1007")),
            call: Call(event, callerE164: "+27821234567", queue: nil))
        var json = JSONWriter()
        frame.write(to: &json)
        return LogEntry(
            kind: .call, agent: Extension("1007"), ref: CallRef(ref), at: moment, data: json.bytes,
            trace: Array(#"{"change":"new","rules":[],"actions":[]}"#.utf8))
    }
}

extension TenantID {
    static var acme: TenantID {
        guard let id = TenantID("acme") else { preconditionFailure("acme is a tenant's id") }
        return id
    }
}

/// Which kinds of sinks there are to be tried.
enum SinkKind: String, CaseIterable, Sendable {
    case memory, redisStream, webhook, socketIO3, socketIO4

    func world() async throws -> any SinkWorld {
        switch self {
        case .memory: MemorySinkWorld()
        case .redisStream: try await RedisSinkWorld()
        case .webhook: try WebhookSinkWorld()
        case .socketIO3: try await SocketIOSinkWorld(3)
        case .socketIO4: try await SocketIOSinkWorld(4)
        }
    }
}

/// The in-memory sink, whose receiver fails as it is told to.
final class MemorySinkWorld: SinkWorld {
    private let state = Mutex<(sinks: [InMemorySink], failure: SinkFailure?)>(([], nil))

    func makeSink(ttl: Duration) -> any Sink {
        let quick = Duration.milliseconds(10) ... .milliseconds(100)
        let sink = InMemorySink(settings: SinkSettings(ttl: ttl, backOff: quick, failuresUntilDown: 2, pause: quick))
        sink.fail(with: state.withLock { $0.failure })
        state.withLock { $0.sinks.append(sink) }
        return sink
    }

    func received() -> [String] { state.withLock { $0.sinks.flatMap(\.received).compactMap(\.ref?.rawValue) } }

    private func fail(_ failure: SinkFailure?) {
        state.withLock { state in
            state.failure = failure
            for sink in state.sinks { sink.fail(with: failure) }
        }
    }

    func close() { fail(SinkFailure(.unreachable, "away")) }
    func open() { fail(nil) }
    func freeze() { fail(SinkFailure(.unanswered, "no answer")) }
    func thaw() { fail(nil) }
    func end() {}
}

/// A stream of a real Redis, which keeps what it has on disk.
final class RedisSinkWorld: SinkWorld {
    let server: RedisServer

    init() async throws { server = try await RedisServer(arguments: RedisServer.persistent) }

    func makeSink(ttl: Duration) -> any Sink {
        let stream = RedisSinkSettings.Target.stream(Template(literal: "calls"), length: 10_000)
        let settings = RedisSinkSettings(endpoint: server.endpoint, target: stream, ttl: ttl)
        return RedisSink(settings, label: "calls", tenant: TenantID.acme, loop: server.loop)
    }

    func received() async throws -> [String] {
        let entries = try await server.run("XRANGE", "calls", "-", "+").elements
        return entries.compactMap { entry in
            guard entry.elements.count == 2, let data = entry.elements[1].elements.last?.bytes else { return nil }
            return CallFrame(json: data)?.call.ref.rawValue
        }
    }

    func close() async { await server.kill() }
    func open() async throws { try await server.restart() }
    func freeze() async { server.signal(SIGSTOP) }
    func thaw() async { server.signal(SIGCONT) }
    func end() async { await server.stop() }
}
