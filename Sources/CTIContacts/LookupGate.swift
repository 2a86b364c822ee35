import Synchronization

/// Lets so many through at once; the others wait in line.
final class LookupGate: Sendable {
    private struct State {
        var free: Int
        var line: [(number: Int, waiter: CheckedContinuation<Bool, Never>)] = []
        var lastNumber = 0
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(free: places)) }

    /// Those who wait now.
    var waiting: Int { state.withLock { $0.line.count } }

    /// False where the task was cancelled while it waited; else a call of ``leave()`` must follow.
    func enter() async -> Bool {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    // Cancelled before this: the handler has run, and found nobody in line.
                    if Task.isCancelled { return false }
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.line.append((number, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    /// The place goes to who has waited longest.
    func leave() {
        let next = state.withLock { state in
            if state.line.isEmpty {
                state.free += 1
                return nil as CheckedContinuation<Bool, Never>?
            }
            return state.line.removeFirst().waiter
        }
        next?.resume(returning: true)
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state in
            state.line.firstIndex { $0.number == number }.map { state.line.remove(at: $0).waiter }
        }
        waiter?.resume(returning: false)
    }
}
