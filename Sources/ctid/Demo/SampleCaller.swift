import CTICore
import CTIPipeline
import Foundation
import Hiredis
import ServiceLifecycle

/// Plays the PBX: a call every few seconds, to each agent in turn, of both generations.
struct SampleCaller: Service {
    let settings: RedisListSettings
    let loop: RedisEventLoop
    let interval: Duration

    private static let samples: [(number: String, dialed: String, reference: String)] = [
        ("0821234567", "0117654321", ""),
        ("+27 11 888 9999", "0117654321", ""),
        ("0831112233", "0117654322", ""),
        ("0844445566", "0117654321", "B-204"),
        ("", "0117654323", ""),
    ]

    func run() async throws {
        let session = try await RedisSession(settings.endpoint, on: loop, within: .seconds(5))
        await cancelWhenGracefulShutdown {
            for number in 0... {
                do {
                    try await Task.sleep(for: interval)
                    try await session.run(Self.call(number).push(to: settings))
                } catch {
                    return
                }
            }
        }
        await session.close()
        // Calling ends, the demo does not.
        try? await gracefulShutdown()
    }

    static func call(_ number: Int) -> SampleNotification {
        let sample = samples[number % samples.count]
        return SampleNotification(
            generation: number.isMultiple(of: 2) ? .v3 : .preV3, number: sample.number, dialNumber: sample.dialed,
            holdTime: 5 + number * 7 % 60, callRef: UUID().uuidString.lowercased(), contactRef: sample.reference,
            agent: String(1001 + number % 3))
    }
}
