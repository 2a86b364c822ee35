import Hiredis

/// A client that waits on some list in the database that we read.
///
/// On which list the server does not tell: it may be another one.
public struct OtherClient: Sendable, Hashable, CustomStringConvertible {
    public let address: String
    public let name: String

    public var description: String { name.isEmpty ? address : "\(name), \(address)" }

    /// Those that wait in `database`.
    ///
    /// - Parameters:
    ///   - own: ids of connections that are or were ours; the server may not have noticed yet that one is gone.
    ///   - name: ours. Another tenant of this or another daemon, `ctid-…`, reads a list of its own.
    static func others(
        among waiting: [WaitingClient], database: Int, own: some Collection<Int64>, name: String?
    ) -> [OtherClient] {
        waiting.compactMap { client in
            guard client.database == database, !own.contains(client.id),
                !client.name.hasPrefix("ctid-") || client.name == name
            else { return nil }
            return OtherClient(address: client.address, name: client.name)
        }
    }
}

/// Tells when others begin or cease to wait in our database.
struct OtherClientsWatch: Sendable {
    /// The newest of ours; older ones have long gone from the server's list.
    private var own: [Int64] = []
    private var seen: Set<OtherClient> = []
    private var number = 0
    private var lookedAt: ContinuousClock.Instant?

    /// What was told before one's own connection is known may tell of a former one as of somebody else's.
    mutating func begin(after number: Int) { self.number = max(self.number, number) }

    mutating func note(own id: Int64) { own = own.suffix(7) + [id] }

    /// Whether a second has passed since this was so last: nothing is to be looked up at each round.
    mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        if let last = lookedAt, last.duration(to: now) < .seconds(1) { return false }
        lookedAt = now
        return true
    }

    /// Those who wait, where that has changed.
    mutating func look(in lists: ClientLists, of settings: RedisListSettings) -> [OtherClient]? {
        guard let answer = lists.answer(of: settings.endpoint, after: number) else { return nil }
        number = answer.number
        return look(at: answer.waiting, database: settings.endpoint.database, name: settings.clientName)
    }

    mutating func look(at waiting: [WaitingClient], database: Int, name: String?) -> [OtherClient]? {
        let others = OtherClient.others(among: waiting, database: database, own: own, name: name)
        defer { seen = Set(others) }
        return Set(others) == seen ? nil : others
    }
}
