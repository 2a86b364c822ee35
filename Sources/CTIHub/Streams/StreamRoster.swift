import CTICore
import ServiceLifecycle
import Synchronization

/// All open streams, and the one timer for them: a timer a stream would cost more than the stream.
///
/// Each stream has one of sixteen places on the clock's face, so that ten thousand heartbeats do not fall due at once.
final class StreamRoster: Service {
    private static let places = 16

    private struct State {
        var streams: [ObjectIdentifier: (mailbox: FrameMailbox, place: Int)] = [:]
        var nextPlace = 0
    }

    private let state = Mutex(State())
    private let heartbeat: Duration
    private let now: @Sendable () -> Timestamp
    private let counters: HubCounters

    init(heartbeat: Duration, counters: HubCounters, now: @escaping @Sendable () -> Timestamp) {
        self.heartbeat = heartbeat
        self.counters = counters
        self.now = now
    }

    func add(_ mailbox: FrameMailbox) {
        counters.open.wrappingAdd(1, ordering: .relaxed)
        state.withLock {
            $0.streams[ObjectIdentifier(mailbox)] = (mailbox, $0.nextPlace)
            $0.nextPlace = ($0.nextPlace + 1) % Self.places
        }
    }

    func remove(_ mailbox: FrameMailbox) {
        counters.open.wrappingSubtract(1, ordering: .relaxed)
        state.withLock { _ = $0.streams.removeValue(forKey: ObjectIdentifier(mailbox)) }
    }

    /// Ticks until the service group stops it, which it does after the server has ended.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var place = 0
            while (try? await Task.sleep(for: self.heartbeat / Self.places)) != nil {
                self.tick(place)
                place = (place + 1) % Self.places
            }
        }
    }

    private func tick(_ place: Int) {
        let streams = state.withLock { Array($0.streams.values) }
        let now = now()
        for stream in streams { stream.mailbox.tick(isBeat: stream.place == place, now: now) }
    }
}
