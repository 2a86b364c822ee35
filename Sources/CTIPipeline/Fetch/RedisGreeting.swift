import CTICore
import Hiredis

/// What is asked of a server right after connecting: who we are, and what it can do for us.
struct RedisGreeting {
    /// What the server told.
    struct Answer: Sendable {
        var clientID: Int64?
        var version: String?
        /// Parts that at-least-once needs and that are not to be had, each with the reason.
        var lacking: [(name: String, error: RedisError)] = []

        /// LPOP takes a count from 6.2 on.
        var isPopCountSupported: Bool { Self.isAtLeast(version, major: 6, minor: 2) }

        static func isAtLeast(_ version: String?, major: Int, minor: Int) -> Bool {
            let parts = (version ?? "").split(separator: ".").compactMap { Int($0) }
            guard parts.count >= 2 else { return false }
            return (parts[0], parts[1]) >= (major, minor)
        }
    }

    let endpoint: RedisEndpoint
    let time: Duration

    /// Authenticates, selects the database, and asks what the delivery needs to know.
    func perform(
        on connection: RedisConnection, commands: ListCommands, delivery: RedisListSettings.Delivery,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Answer {
        try await connection.authenticate(as: endpoint, within: time)
        var answer = Answer()
        let values = try await connection.roundTrip(
            [RedisCommand("CLIENT", "ID"), RedisCommand("INFO", "server"), RedisCommand("LLEN", commands.key)],
            within: time)
        answer.clientID = values[0].integer
        answer.version = values[1].text.flatMap(Self.version(inInfo:))
        // The list itself must answer, or there is nothing to read.
        if let error = values[2].error { throw error }
        if delivery == .atLeastOnce { answer.lacking = try await probe(connection, commands) }
        return answer
    }

    private func probe(
        _ connection: RedisConnection, _ commands: ListCommands, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> [(name: String, error: RedisError)] {
        let probes = commands.probes()
        let values = try await connection.roundTrip(probes.map(\.command), within: time)
        return zip(probes, values).compactMap { probe, value in value.error.map { (probe.name, $0) } }
    }

    static func version(inInfo text: String) -> String? {
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
        return line.map { String($0.dropFirst("redis_version:".count)) }
    }
}
