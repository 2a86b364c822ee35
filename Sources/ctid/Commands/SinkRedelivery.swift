import CTICore
import CTIPipeline
import CTIStore
import Hiredis
import Logging

/// Dead letters of sinks, handed over by the command itself: what was to be told is made anew of the entry that it tells
/// of, with the id that it had.
struct SinkRedelivery {
    let log: SQLiteEventLog
    private let sinks: [SinkName: any Sink]
    private let loop: RedisEventLoop

    /// Each may take so long: a sink that keeps a connection has to make it first.
    private static let patience = Duration.seconds(15)

    init(_ tenant: TenantConfiguration, log: SQLiteEventLog) throws {
        self.log = log
        loop = try RedisEventLoop()
        let quiet = Logger(label: "ctid") { _ in SwiftLogNoOpLogHandler() }
        let configured = TenantSinks(tenant: tenant, loop: loop, logger: quiet)
        let all = configured.settings.compactMap { configured.sink($0) }
        sinks = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    }

    func close() { loop.stop() }

    /// Says of each what came of it; returns whether all were delivered.
    func deliver(_ letters: [DeadLetter]) async throws(EventLogError) -> Bool {
        var isAll = true
        for letter in letters {
            guard let record = letter.sink else { continue }
            if let problem = try await deliver(record) {
                isAll = false
                StandardStreams.complain("ctid: \(letter.position) is not delivered to \(record.sink): \(problem)")
            } else {
                _ = try await log.removeDeadLetters(at: [letter.position])
                StandardStreams.print("delivered \(letter.position) to \(record.sink)")
            }
        }
        return isAll
    }

    /// What is in the way; `nil` where it is delivered.
    private func deliver(_ record: SinkRecord) async throws(EventLogError) -> String? {
        guard let sink = sinks[record.sink] else { return "the tenant has no such sink any more" }
        let before = Position(record.position.rawValue - 1)
        guard let found = try await log.entries(sink.selection, after: before, limit: 1).first,
            found.position == record.position
        else { return "the event is not in the log any more" }
        guard let message = sink.message(for: found) else { return "the sink is not told of such events any more" }
        return await Self.deliver(message, to: sink)
    }

    private static func deliver(_ message: SinkMessage, to sink: any Sink) async -> String? {
        await withTaskGroup { group in
            group.addTask {
                await sink.run()
                return nil as String??
            }
            group.addTask { .some(await tryUntilPatienceEnds(message, sink)) }
            var problem: String?
            for await outcome in group {
                guard let outcome else { continue }
                problem = outcome
                group.cancelAll()
            }
            return problem
        }
    }

    private static func tryUntilPatienceEnds(_ message: SinkMessage, _ sink: any Sink) async -> String? {
        let deadline = ContinuousClock.now + patience
        while true {
            do throws(SinkFailure) {
                try await sink.deliver(message)
                return nil
            } catch {
                // A connection that is only being made is waited for; an answer is an answer.
                guard error.code == .unreachable, sink.name.kind == .socketio, .now < deadline else {
                    return "\(error)"
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
