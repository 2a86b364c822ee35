public import CTICore
public import CTIPipeline
public import NIOCore
import Synchronization

/// The buffer between a tenant, which never waits, and one client, which may be slow.
///
///     tenant ── send ──▶ [ bytes, about `limit` at most ] ── next ──▶ the stream's writer
///
/// Frames become wire bytes as they come in, so all that gathered while the writer was busy goes out as one write.
///
/// When it is full: what is buffered is kept, further frames are not taken, and the stream ends with a retry hint. The
/// client comes back with the id of the last frame it read and gets the rest from the log; nothing is lost and nothing
/// is out of order. Full is `limit` bytes or more: one frame may go beyond, so even a huge one gets to its client.
public final class FrameMailbox: FrameOutlet {
    fileprivate struct State {
        var bytes = ByteBuffer()
        var waiter: CheckedContinuation<Void, Never>?
        /// No more frames; what is buffered still goes out.
        var isFinishing = false
        /// Nothing goes out any more.
        var isClosed = false
        var ticksSinceFinish = 0
        /// Of the frames that are buffered, and of those that the writer has taken.
        var buffered: Gathered?
        var underWay: Gathered?
    }

    fileprivate struct Gathered {
        let since: ContinuousClock.Instant
        var frames = 1
    }

    private let state: Mutex<State>
    private let limit: Int
    private let retry: Duration
    private let expires: Timestamp?
    private let counters: HubCounters
    private let times: DeliveryTimes?
    private let cutConnection: @Sendable () -> Void

    /// - Parameters:
    ///   - limit: bytes.
    ///   - retry: the hint that the stream begins with, and ends with where it is full.
    ///   - expires: when the client's token does; the stream ends with the first ``tick(isBeat:now:)`` after.
    ///   - cutConnection: closes the connection of a client that does not read.
    public init(
        limit: Int, retry: Duration, expires: Timestamp? = nil, counters: HubCounters,
        times: DeliveryTimes? = nil, cutConnection: @escaping @Sendable () -> Void = {}
    ) {
        self.limit = limit
        self.retry = retry
        self.expires = expires
        self.counters = counters
        self.times = times
        self.cutConnection = cutConnection
        var state = State()
        state.bytes.writeRetry(retry)
        self.state = Mutex(state)
    }

    public func send(_ frames: [Frame]) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinishing, !state.isClosed else { return nil }
            for frame in frames where !append(frame, to: &state) { break }
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Whether the frame was taken; where it was not, the stream is ending.
    private func append(_ frame: Frame, to state: inout State) -> Bool {
        guard !state.isFinishing else { return false }
        guard state.bytes.readableBytes < limit else {
            counters.overflows.wrappingAdd(1, ordering: .relaxed)
            state.finish(retry)
            return false
        }
        state.bytes.writeFrame(frame)
        if times != nil { state.gather() }
        counters.sent.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    public func finish(retryAfter: Duration) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.finish(retryAfter)
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// The client is gone: what is buffered is of no use.
    public func close() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isClosed = true
            state.bytes = ByteBuffer()
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// The next write; waits for it. `nil` when the stream is over, or the task is cancelled. For one reader.
    public func next() async -> ByteBuffer? {
        await withTaskCancellationHandler {
            while true {
                let (bytes, isOver) = take()
                if let bytes { return bytes }
                if isOver { return nil }
                await waitForWork()
            }
        } onCancel: {
            close()
        }
    }

    private func take() -> (ByteBuffer?, isOver: Bool) {
        state.withLock { state in
            guard state.bytes.readableBytes > 0 else { return (nil, state.isFinishing || state.isClosed) }
            let bytes = state.bytes
            state.bytes = ByteBuffer()
            (state.underWay, state.buffered) = (state.buffered, nil)
            return (bytes, false)
        }
    }

    /// What ``next()`` gave last is on the connection.
    func wasWritten() {
        guard let times, let written = state.withLock({ $0.underWay.take() }) else { return }
        times.add(written.since.duration(to: .now), frames: written.frames)
    }

    private func waitForWork() async {
        await withCheckedContinuation { continuation in
            let hasWork = state.withLock { state in
                guard state.bytes.readableBytes == 0, !state.isFinishing, !state.isClosed else { return true }
                state.waiter = continuation
                return false
            }
            if hasWork { continuation.resume() }
        }
    }
}

extension FrameMailbox {
    /// Called about every second, by ``StreamRoster``. A beat adds a comment line to an idle stream. A stream that has
    /// ended, and whose client has still not read the end a second later, is cut.
    public func tick(isBeat: Bool, now: Timestamp) {
        if let expires, now >= expires { finish(retryAfter: retry) }
        let (waiter, isStuck) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
            if state.isFinishing || state.isClosed {
                state.ticksSinceFinish += 1
                return (nil, state.ticksSinceFinish == 2)
            }
            if isBeat, state.bytes.readableBytes == 0 { state.bytes.writeStaticString(":\n\n") }
            return (state.takeWaiter(), false)
        }
        waiter?.resume()
        guard isStuck else { return }
        counters.cut.wrappingAdd(1, ordering: .relaxed)
        cutConnection()
    }
}

extension FrameMailbox.State {
    fileprivate mutating func finish(_ retry: Duration) {
        guard !isFinishing, !isClosed else { return }
        isFinishing = true
        bytes.writeRetry(retry)
    }

    fileprivate mutating func gather() {
        if buffered == nil { buffered = FrameMailbox.Gathered(since: .now) } else { buffered?.frames += 1 }
    }

    fileprivate mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
        guard bytes.readableBytes > 0 || isFinishing || isClosed else { return nil }
        defer { waiter = nil }
        return waiter
    }
}
