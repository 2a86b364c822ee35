import CTIPipeline
import Hiredis

/// The end of a tenant's list at which the PBX pushes, for the commands that push as it would.
struct PBXList {
    private let settings: RedisListSettings
    private let session: RedisSession

    /// So long Redis may take for an answer: somebody waits at a terminal.
    private static let patience = Duration.seconds(5)

    init(_ settings: RedisListSettings, on loop: RedisEventLoop) async throws(RedisError) {
        self.settings = settings
        session = try await RedisSession(settings.endpoint, on: loop, within: Self.patience)
    }

    /// All of them in this order, or none. They are in the list when it returns.
    func push(_ notifications: [[UInt8]]) async throws(RedisError) {
        try await session.run(settings.push(notifications))
    }

    func close() async { await session.close() }
}

extension RedisListSettings {
    /// Onto the end of the list that is not the one it is read from.
    func push(_ notifications: [[UInt8]]) -> RedisCommand {
        RedisCommand([Array((popSide == .left ? "RPUSH" : "LPUSH").utf8), Array(key.utf8)] + notifications)
    }
}
