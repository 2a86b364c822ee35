import CTICore
import Synchronization

/// A sink whose receiver is a list, and fails as it is told to: for tests.
public final class InMemorySink: Sink {
    public let name: SinkName
    public let settings: SinkSettings
    public let selection: LogSelection

    private struct State {
        var received: [SinkMessage] = []
        var attempts = 0
        var failure: SinkFailure?
    }

    private let state = Mutex(State())

    public init(
        _ label: String = "memory", settings: SinkSettings = SinkSettings(), selection: LogSelection = .kind(.call)
    ) {
        name = SinkName(.webhook, label)
        self.settings = settings
        self.selection = selection
    }

    public var received: [SinkMessage] { state.withLock { $0.received } }
    /// Tries, failed ones included.
    public var attempts: Int { state.withLock { $0.attempts } }

    /// From now on every delivery fails with it, until it is taken away with `nil`.
    public func fail(with failure: SinkFailure?) { state.withLock { $0.failure = failure } }

    public func message(for entry: RecordedEntry) -> SinkMessage? {
        SinkMessage(
            position: entry.position, id: "\(entry.position.rawValue)", event: entry.entry.kind.frameName,
            ref: entry.entry.ref, agent: entry.entry.agent, at: entry.entry.at, data: entry.entry.data)
    }

    public func deliver(_ message: SinkMessage) async throws(SinkFailure) {
        let failure = state.withLock { state in
            state.attempts += 1
            if state.failure == nil { state.received.append(message) }
            return state.failure
        }
        if let failure { throw failure }
    }
}
