import Dispatch

extension DispatchQueue {
    /// What `body` gives, which may block.
    func value<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in async { continuation.resume(returning: body()) } }
    }

    /// The same, or `nil` once the task is cancelled: a disk that does not answer holds up no stop.
    func valueUnlessCancelled<Value: Sendable>(_ body: @escaping @Sendable () -> Value?) async -> Value? {
        let answer = AsyncStream.makeStream(of: Value.self)
        async {
            if let value = body() { answer.continuation.yield(value) }
            answer.continuation.finish()
        }
        return await answer.stream.first { _ in true }
    }
}
