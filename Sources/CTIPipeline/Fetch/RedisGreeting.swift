import Hiredis

/// What is asked of a server right after connecting: who we are, and what it can do for us.
struct RedisGreeting {
    /// What the server told.
    struct Answer: Sendable {
        var clientID: Int64?
        var version: String?
        var access = ListAccess()
        /// What `CLIENT LIST` told; `nil` where it is not permitted, or was not asked.
        var clients: String?
    }

    let settings: RedisListSettings
    let asksClients: Bool

    /// Authenticates, selects the database, and asks what the delivery needs to know: one round trip.
    func perform(
        on connection: RedisConnection, commands: ListCommands, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Answer {
        try await connection.authenticate(as: settings.endpoint, within: settings.grace)
        let probes = commands.probes(for: settings.delivery)
        var questions = [RedisCommand("CLIENT", "ID"), RedisCommand("INFO", "server")]
        questions += probes.map(\.command)
        // A convenience for whoever looks at CLIENT LIST: whether it is permitted does not matter.
        if let name = settings.clientName { questions.append(RedisCommand("CLIENT", "SETNAME", name)) }
        if asksClients { questions.append(Self.clients) }
        let values = try await connection.roundTrip(questions, within: settings.grace)
        return Answer(
            clientID: values[0].integer, version: values[1].text.flatMap(Self.version(inInfo:)),
            access: try ListAccess(probes, answers: values[2...]), clients: asksClients ? values.last?.text : nil)
    }

    static let clients = RedisCommand("CLIENT", "LIST", "TYPE", "normal")

    static func version(inInfo text: String) -> String? {
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
        return line.map { String($0.dropFirst("redis_version:".count)) }
    }
}
