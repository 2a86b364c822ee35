extension Task where Success == Never, Failure == Never {
    /// Returns once the task is cancelled, and no sooner.
    static func untilCancelled() async {
        let (end, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in end {}
    }
}
