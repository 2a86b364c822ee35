/// An actor that lives on the thread of a Redis event loop, and can be called there in place.
public protocol LoopActor: Actor {
    nonisolated var loop: RedisEventLoop { get }
}

extension LoopActor {
    /// As `assumeIsolated`, for each message: only the thread is looked at.
    ///
    /// The standard library looks for the task first, then whether the executor is the main one, and finds neither: it
    /// costs several times as much as it does to take a reply.
    @inlinable
    public nonisolated func onLoop<Result>(_ body: (isolated Self) throws -> Result) rethrows -> Result {
        loop.checkIsolated()
        return try withoutActuallyEscaping(body) { body in
            // As the standard library does it: whether a parameter is isolated is known to the compiler alone.
            try unsafeBitCast(body, to: ((Self) throws -> Result).self)(self)
        }
    }
}
