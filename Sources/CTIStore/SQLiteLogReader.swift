public import CTICore
public import CTIPipeline

/// Reads a log beside the daemon that writes it, for the commands. It changes nothing, and creates no log.
public actor SQLiteLogReader: ReadableLog {
    private let executor: LogExecutor
    private let file: LogFile

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Throws `failed` where there is no log or a newer one, `corrupt` where the file is damaged.
    public init(path: String, pool: LogExecutorPool) async throws(EventLogError) {
        let executor = pool.makeExecutor()
        self.executor = executor
        file = try await executor.run { LogFile.result { try LogFile(readingPath: path) } }
    }

    public func bounds() throws(EventLogError) -> LogBounds {
        try file.access { try LogSpan(reading: $0).bounds }
    }

    /// See ``ReadableLog/entries(_:after:limit:)``.
    public func entries(_ selection: LogSelection, after position: Position?, limit: Int) throws(EventLogError)
        -> [RecordedEntry]
    {
        try file.access { try LogReading.entries(selection, after: position, limit: limit, in: $0) }
    }

    /// See ``ReadableLog/recentCalls(before:limit:)``.
    public func recentCalls(before position: Position?, limit: Int) throws(EventLogError) -> [RecordedEntry] {
        try file.access { try LogReading.recentCalls(before: position, limit: limit, in: $0) }
    }

    public func mark(_ name: String) throws(EventLogError) -> [UInt8]? {
        try file.access { try LogReading.mark(name, in: $0) }
    }
}
