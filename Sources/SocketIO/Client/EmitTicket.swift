import Synchronization

/// The number of one who waits, who may be cancelled before he has it.
final class EmitTicket: Sendable {
    private enum State {
        case empty, cancelled
        case filled(Int)
    }

    private let state = Mutex(State.empty)

    /// Whether he was cancelled meanwhile: then nobody else gives the number back.
    func fill(_ id: Int) -> Bool {
        state.withLock { state in
            if case .cancelled = state { return true }
            state = .filled(id)
            return false
        }
    }

    /// The number to be given back, where there is one yet.
    func cancel() -> Int? {
        state.withLock { state in
            defer { state = .cancelled }
            guard case .filled(let id) = state else { return nil }
            return id
        }
    }
}
