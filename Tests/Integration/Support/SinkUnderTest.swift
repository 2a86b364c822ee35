import CTICore
import CTIPipeline
import CTISinks
import Logging
import SocketIO
import Synchronization
import Testing

/// The Socket.IO sink by itself, with its connection, and what it logged.
struct SinkUnderTest: Sendable {
    let sink: SocketIOSink
    let lines: LogLines

    static func run(
        _ server: RealtimeServer, _ transport: SocketIOClient.Transport = .auto, namespace: String = "/",
        token: String? = nil, confirmation: Duration = .seconds(10),
        waits: Bool = true,
        _ body: (SinkUnderTest) async throws -> Void
    ) async throws {
        let address = try #require(SocketIOAddress(server.url))
        var settings = SocketIOClient.Settings(
            address, revision: server.revision == 4 ? .four : .three, transport: transport, namespace: namespace,
            token: token)
        settings.confirmation = confirmation
        try await run(settings) { sink in
            if waits { try await sink.connected() }
            try await body(sink)
        }
    }

    static func run(
        _ settings: SocketIOClient.Settings, _ body: (SinkUnderTest) async throws -> Void
    ) async throws {
        let lines = LogLines()
        let sink = SocketIOSink(settings, logger: Logger(label: "test") { _ in lines })
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { await sink.run() }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(SinkUnderTest(sink: sink, lines: lines))) } catch {
                outcome = .failure(error)
            }
            group.cancelAll()
            return outcome
        }
        try outcome.get()
    }

    func connected() async throws {
        try await eventually("a connection", within: .seconds(40)) { sink.counters().isConnected }
    }

    static func message(_ number: Int, _ more: String = "") -> SinkMessage {
        SinkMessage(
            position: Position(Int64(number)), id: "\(number)", event: SocketIOSink.event,
            at: Timestamp(milliseconds: 0),
            data: Array(#"{"n":\#(number)\#(more)}"#.utf8))
    }

    func deliver(_ number: Int, _ more: String = "") async throws(SinkFailure) {
        try await sink.deliver(Self.message(number, more))
    }

    func failure(_ number: Int, _ more: String = "") async -> SinkFailure? {
        do throws(SinkFailure) {
            try await deliver(number, more)
            return nil
        } catch {
            return error
        }
    }

    /// As the courier does: again and again until it is delivered. Returns how often nobody knew whether it was.
    func insist(_ number: Int) async throws -> Int {
        var unconfirmed = 0
        try await eventually("event \(number) to be delivered", within: .seconds(60)) {
            guard let failure = await failure(number) else { return true }
            if failure.code == .unanswered { unconfirmed += 1 }
            return false
        }
        return unconfirmed
    }
}

/// All that was logged, as text.
final class LogLines: LogHandler, Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { kept.withLock { $0.append("\(event.level): \(event.message)") } }
}
