import CTICore
import CTIPipeline
import Foundation
import Hiredis
import ServiceLifecycle

/// Plays the PBX: a call every few seconds, to each agent in turn, of both generations; each ends after a while.
struct SampleCaller: Service {
    let calls: RedisListSettings
    /// Where the ends of the calls go.
    let records: RedisListSettings
    let loop: RedisEventLoop
    let interval: Duration

    private static let samples: [(number: String, dialed: String, reference: String)] = [
        ("0821234567", "0117654321", ""),
        ("+27 11 888 9999", "0117654321", ""),
        ("0831112233", "0117654322", ""),
        ("0844445566", "0117654321", "B-204"),
        ("", "0117654323", ""),
    ]
    /// So many seconds a call lasts: long enough to look at it, short enough to see it end.
    private static let talks = 20...40
    private static let reasons = ["agent_hungup", "callee_hungup", "hungup"]

    func run() async throws {
        let session = try await RedisSession(calls.endpoint, on: loop, within: .seconds(5))
        await cancelWhenGracefulShutdown { await call(over: session) }
        await session.close()
        // Calling ends, the demo does not.
        try? await gracefulShutdown()
    }

    /// Returns when it is cancelled, or when Redis is gone.
    private func call(over session: RedisSession) async {
        var talking = Talking()
        var next = ContinuousClock.now + interval
        for number in 0... {
            do {
                while let ended = try await talking.next(before: next) {
                    let seconds = ended.seconds
                    let record = SampleRecord(
                        of: ended.call, reason: Self.reasons[number % Self.reasons.count], callTime: seconds,
                        endedAt: Clocks.wall())
                    try await session.run(records.push([record.json]))
                }
                let call = Self.call(number)
                try await session.run(call.push(to: calls))
                talking.begin(call, for: Int.random(in: Self.talks))
                next += interval
            } catch {
                return
            }
        }
    }

    static func call(_ number: Int) -> SampleNotification {
        let sample = samples[number % samples.count]
        return SampleNotification(
            generation: number.isMultiple(of: 2) ? .v3 : .preV3, number: sample.number, dialNumber: sample.dialed,
            holdTime: 5 + number * 7 % 60, callRef: UUID().uuidString.lowercased(), contactRef: sample.reference,
            agent: String(1001 + number % 3))
    }
}

/// The calls under way.
private struct Talking {
    private var calls: [(call: SampleNotification, seconds: Int, end: ContinuousClock.Instant)] = []

    mutating func begin(_ call: SampleNotification, for seconds: Int) {
        let end = ContinuousClock.now + .seconds(seconds)
        calls.insert((call, seconds, end), at: calls.firstIndex { $0.end > end } ?? calls.count)
    }

    /// Waits for the next one that ends; `nil` once `moment` has come.
    mutating func next(before moment: ContinuousClock.Instant) async throws
        -> (call: SampleNotification, seconds: Int)?
    {
        guard let first = calls.first, first.end < moment else {
            try await Task.sleep(until: moment)
            return nil
        }
        try await Task.sleep(until: first.end)
        calls.removeFirst()
        return (first.call, first.seconds)
    }
}
