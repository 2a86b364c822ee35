import CTICore
import CTIPipeline
import Foundation
import Hiredis
import Synchronization

/// Empties a list that is already full, by the daemon's own source: how many notifications a second.
struct FetchBench {
    enum Kind: String {
        /// One BLPOP at a time, decoded and planned.
        case live
        /// In batches, decoded and planned.
        case backlog
        /// In batches, nothing done with them: at most once, and at least once.
        case fetchOnce = "fetch-once"
        case fetchSafe = "fetch-safe"
    }

    let kind: Kind
    let port: Int
    let key: String
    let count: Int

    func run() async throws -> String {
        let loop = try RedisEventLoop()
        defer { loop.stop() }
        let tally = Tally(awaited: count)
        let consumer = PlanningConsumer(
            profile: try BenchTenant.profile(), loop: loop, depth: kind == .live || kind == .backlog ? .plan : .fetch,
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }, onBatch: { tally.add($0) })
        let settings = RedisListSettings(
            endpoint: RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port)), key: key,
            delivery: kind == .fetchSafe ? .atLeastOnce : .atMostOnce, batch: kind == .live ? 1 : 256)
        // As if the list had been filled a moment ago: of stale calls no pop is planned, which is less work. Long enough
        // ago, though, that its length is asked for at once.
        let source = RedisListSource(settings, loop: loop, consumer: consumer, emptyAsOf: .now - .seconds(1))
        let start = ContinuousClock.now
        let running = Task { await source.run() }
        let end = await tally.reached()
        await source.stop()
        await running.value
        let seconds = (end - start) / .seconds(1)
        return #"{"name":"\#(kind.rawValue)","count":\#(count),"seconds":\#(seconds),"#
            + #""perSecond":\#(Int(Double(count) / seconds)),"planned":\#(await consumer.planned)}"#
    }
}

/// Counts what has come, and tells when it was all.
private final class Tally: Sendable {
    private struct State {
        var missing: Int
        var end: ContinuousClock.Instant?
        var waiting: CheckedContinuation<ContinuousClock.Instant, Never>?
    }

    private let state: Mutex<State>

    init(awaited: Int) { state = Mutex(State(missing: awaited)) }

    func add(_ count: Int) {
        state.withLock { state in
            state.missing -= count
            guard state.missing <= 0, state.end == nil else { return }
            let now = ContinuousClock.now
            state.end = now
            state.waiting?.resume(returning: now)
        }
    }

    func reached() async -> ContinuousClock.Instant {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let end = state.end { continuation.resume(returning: end) } else { state.waiting = continuation }
            }
        }
    }
}
