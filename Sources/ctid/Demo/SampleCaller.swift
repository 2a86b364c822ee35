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

    private static let callers = ["0821234567", "0831112233", "+27 11 888 9999", "", "0844445566", "0600000001"]
    private static let queues = ["0117654321", "0117654322", "0117654323"]
    private static let references = ["", "", "", "", "B-204", ""]

    func run() async throws {
        let session = try await RedisSession(settings.endpoint, on: loop, within: .seconds(5))
        await cancelWhenGracefulShutdown {
            for number in 0... {
                do {
                    try await session.run(Self.call(number).push(to: settings))
                    try await Task.sleep(for: interval)
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
        SampleNotification(
            generation: number.isMultiple(of: 2) ? .v3 : .preV3, number: callers[number % callers.count],
            dialNumber: queues[(number / 3 + number) % queues.count], holdTime: number * 7 % 60,
            callRef: UUID().uuidString.lowercased(), contactRef: references[number % references.count],
            agent: String(1001 + number % 3))
    }
}
