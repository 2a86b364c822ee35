internal import CHiredis
internal import Glibc
internal import Synchronization

/// One thread that is both the event loop of many Redis connections and the executor of the actors behind them.
///
///     actors ── enqueue ──▶ inbox ──┐
///                                   ▼
///     other threads ── eventfd ─▶ epoll ──▶ readable: the connection's handler, in place
///                                   ▲  └──▶ due timers, in place
///     Redis ── sockets ─────────────┘
///
/// Replies are handled in place by actors whose executor this is (``LoopActor``): no hop lies between the kernel
/// and the planner. Nothing here ever blocks but `epoll_wait`, so that one slow server delays nobody else.
///
/// `@unchecked Sendable`: the inbox is behind a mutex; everything in `state` is touched on the loop's thread alone,
/// which ``checkIsolated()`` verifies.
public final class RedisEventLoop: SerialExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var actions: [@Sendable () -> Void] = []
        var isWakePending = false
        var isStopped = false

        var isEmpty: Bool { jobs.isEmpty && actions.isEmpty }
    }

    private struct Timer {
        var deadline: ContinuousClock.Instant
        var id: UInt64
        var action: () -> Void
    }

    private struct State {
        var handlers: [Int32: (Readiness) -> Void] = [:]
        var timers: [Timer] = []
        var nextTimer: UInt64 = 0
        var now = ContinuousClock.now
    }

    public struct Readiness: Sendable {
        public let isReadable: Bool
        public let isWritable: Bool
    }

    public struct TimerID: Hashable, Sendable { let rawValue: UInt64 }

    private let epoll: Int32
    private let wakeUp: Int32
    private let inbox = Mutex(Inbox())
    private var state = State()
    /// Zero until the thread runs.
    private let thread = Atomic<pthread_t>(0)

    /// Starts the thread. Throws where the kernel gives no descriptor.
    public init() throws(RedisError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, wakeUp >= 0 else {
            throw RedisError(.unreachable, "no descriptor for the event loop: \(Self.systemMessage())")
        }
        _ = ctid_epoll_control(epoll, EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue, UInt64(wakeUp))
        try start()
    }

    private func start() throws(RedisError) {
        var thread = pthread_t()
        // The thread keeps the loop alive until it has stopped.
        let context = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let loop = Unmanaged<RedisEventLoop>.fromOpaque(context).takeRetainedValue()
                loop.thread.store(pthread_self(), ordering: .releasing)
                loop.run()
                return nil
            },
            context.toOpaque())
        guard result == 0 else {
            context.release()
            throw RedisError(.unreachable, "no thread for the event loop")
        }
        pthread_detach(thread)
    }

    /// Ends the thread once the jobs that are queued have run. Idempotent.
    public func stop() {
        inbox.withLock { $0.isStopped = true }
        wake()
    }

    deinit {
        close(epoll)
        close(wakeUp)
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isWakePending = true }
            return !inbox.isWakePending
        }
        if mustWake, !isOnThread { wake() }
    }

    /// Runs `action` on the loop's thread: in place where that is this one, else soon.
    func perform(_ action: @escaping @Sendable () -> Void) {
        guard !isOnThread else { return action() }
        inbox.withLock { $0.actions.append(action) }
        wake()
    }

    public func checkIsolated() {
        precondition(isOnThread, "not on the thread of the Redis event loop")
    }

    private var isOnThread: Bool {
        pthread_equal(thread.load(ordering: .acquiring), pthread_self()) != 0
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }

    // MARK: Time, descriptors and timers; on the loop's thread only

    /// When the loop last woke. For whoever handles what woke it: reading the clock anew at each step adds up.
    public var now: ContinuousClock.Instant { state.now }

    /// Calls `handler` whenever the descriptor is readable, or, where asked for, writable.
    func watch(_ descriptor: Int32, writable: Bool = false, handler: @escaping (Readiness) -> Void) {
        checkIsolated()
        let isNew = state.handlers.updateValue(handler, forKey: descriptor) == nil
        control(descriptor, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, writable: writable)
    }

    func setWritable(_ writable: Bool, _ descriptor: Int32) {
        control(descriptor, EPOLL_CTL_MOD, writable: writable)
    }

    func unwatch(_ descriptor: Int32) {
        checkIsolated()
        state.handlers[descriptor] = nil
        control(descriptor, EPOLL_CTL_DEL, writable: false)
    }

    private func control(_ descriptor: Int32, _ operation: Int32, writable: Bool) {
        let events = EPOLLIN.rawValue | (writable ? EPOLLOUT.rawValue : 0)
        _ = ctid_epoll_control(epoll, operation, descriptor, events, UInt64(descriptor))
    }

    /// Calls `action` on the loop once `deadline` has come; on the loop's thread only.
    @discardableResult
    public func schedule(at deadline: ContinuousClock.Instant, _ action: @escaping () -> Void) -> TimerID {
        checkIsolated()
        state.nextTimer += 1
        let timer = Timer(deadline: deadline, id: state.nextTimer, action: action)
        // The last is due first, so that taking it off moves nothing. Hundreds of connections have one each.
        var (index, end) = (0, state.timers.count)
        while index < end {
            let middle = (index + end) / 2
            if state.timers[middle].deadline <= deadline { end = middle } else { index = middle + 1 }
        }
        state.timers.insert(timer, at: index)
        return TimerID(rawValue: timer.id)
    }

    public func cancel(_ timer: TimerID) {
        checkIsolated()
        state.timers.removeAll { $0.id == timer.rawValue }
    }

    // MARK: The loop

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            let isStopped = runJobs()
            runDueTimers()
            if isStopped, inbox.withLock({ $0.isEmpty }) { return }
            let count = epoll_wait(epoll, &events, Int32(events.count), millisecondsToWait())
            state.now = .now
            guard count > 0 else { continue }
            for event in events[..<Int(count)] { dispatch(event) }
        }
    }

    private func runJobs() -> Bool {
        while true {
            let found: Inbox? = inbox.withLock { inbox in
                inbox.isWakePending = !inbox.jobs.isEmpty
                guard !inbox.isEmpty else { return nil }
                // While jobs run, others may come without waking: they are looked for again below.
                defer {
                    inbox.jobs.removeAll()
                    inbox.actions.removeAll()
                }
                return inbox
            }
            guard let found else { return inbox.withLock(\.isStopped) }
            for job in found.jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            for action in found.actions { action() }
        }
    }

    private func runDueTimers() {
        while let timer = state.timers.last, timer.deadline <= state.now {
            state.timers.removeLast()
            timer.action()
        }
    }

    private func millisecondsToWait() -> Int32 {
        if inbox.withLock({ !$0.isEmpty }) { return 0 }
        guard let next = state.timers.last else { return -1 }
        let (seconds, attoseconds) = (next.deadline - ContinuousClock.now).components
        // Rounded up: waking a moment too early would spin.
        return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
    }

    private func dispatch(_ event: epoll_event) {
        let descriptor = Int32(truncatingIfNeeded: event.data.u64)
        guard descriptor != wakeUp else {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, MemoryLayout<UInt64>.size)
            return
        }
        // Hang-ups and errors are told by the next read.
        let isWritable = event.events & EPOLLOUT.rawValue != 0
        let isReadable = event.events & ~EPOLLOUT.rawValue != 0
        state.handlers[descriptor]?(Readiness(isReadable: isReadable, isWritable: isWritable))
    }

    static func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}

extension RedisEventLoop {
    /// Comes back once the loop has had a turn: never, where it is stuck.
    public func turn() async {
        await withCheckedContinuation { continuation in perform { continuation.resume() } }
    }

    /// Comes back at `deadline`. Cannot be cancelled: it is meant for waits that something else can end, too.
    public func sleep(
        until deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation
    ) async {
        await withCheckedContinuation { continuation in schedule(at: deadline) { continuation.resume() } }
    }
}
