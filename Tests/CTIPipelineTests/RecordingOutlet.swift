import CTICore
import CTIPipeline
import Synchronization

/// A client's one way in, which two of its streams lead to.
final class SharedLine: FrameOutlet {
    private let recording: RecordingOutlet

    init(to recording: RecordingOutlet) { self.recording = recording }

    var line: ObjectIdentifier { ObjectIdentifier(recording) }
    func send(_ frames: [Frame]) { recording.send(frames) }
    func finish(retryAfter: Duration) {}
}

/// Keeps what is sent to it, and lets a test wait until there is enough of it.
final class RecordingOutlet: FrameOutlet {
    private struct State {
        var frames: [Frame] = []
        var isFinished = false
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var frames: [Frame] { state.withLock { $0.frames } }
    var isFinished: Bool { state.withLock { $0.isFinished } }
    var events: [String] { frames.map(\.event) }

    func send(_ frames: [Frame]) {
        let ready = state.withLock { state in
            state.frames += frames
            let ready = state.waiting.filter { $0.count <= state.frames.count }
            state.waiting.removeAll { $0.count <= state.frames.count }
            return ready.map(\.continuation)
        }
        for continuation in ready { continuation.resume() }
    }

    func finish(retryAfter: Duration) { state.withLock { $0.isFinished = true } }

    /// Comes back once there are so many frames. A test that waits in vain hangs until its time limit fails it.
    func has(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.frames.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
