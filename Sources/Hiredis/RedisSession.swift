/// A connection for commands that are seldom sent, one after the other. After a failure it is of no more use.
public actor RedisSession {
    public nonisolated let loop: RedisEventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private var connection: RedisConnection?
    private let time: Duration

    /// `time`: so long an answer may take, the connecting too.
    public init(_ endpoint: RedisEndpoint, on loop: RedisEventLoop, within time: Duration) async throws(RedisError) {
        self.loop = loop
        self.time = time
        try await connect(endpoint)
    }

    private func connect(_ endpoint: RedisEndpoint) async throws(RedisError) {
        let connection = try await RedisConnection.open(endpoint, on: loop, timeout: time)
        try await connection.authenticate(as: endpoint, within: time)
        self.connection = connection
    }

    /// An error reply is a value here.
    public func run(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        guard let connection else { throw RedisError(.closed, "the connection is closed") }
        return try await connection.roundTrip(commands, within: time)
    }

    /// An error reply is thrown.
    @discardableResult
    public func run(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        guard let connection else { throw RedisError(.closed, "the connection is closed") }
        return try await connection.roundTrip(command, within: time)
    }

    /// Who waits for an answer is told that there will be none.
    public func close() {
        connection?.abandon()
        connection = nil
    }
}
