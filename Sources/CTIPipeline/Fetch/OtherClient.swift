/// A client that waits on some list in the database that we read.
///
/// On which list the server does not tell: it may be another one.
public struct OtherClient: Sendable, Hashable, CustomStringConvertible {
    public let address: String
    public let name: String

    public var description: String { name.isEmpty ? address : "\(name), \(address)" }

    private static let waits: Set<Substring> = ["blpop", "brpop", "blmove", "brpoplpush", "blmpop"]

    /// Those of a `CLIENT LIST` that wait in `database`.
    ///
    /// - Parameters:
    ///   - own: ids of connections that are or were ours; the server may not have noticed yet that one is gone.
    ///   - name: ours. Another tenant of this or another daemon, `ctid-…`, reads a list of its own.
    static func waiting(in list: String, database: Int, own: some Collection<Int64>, name: String?) -> [OtherClient] {
        list.split(whereSeparator: \.isNewline).compactMap { line in
            var fields: [Substring: Substring] = [:]
            for field in line.split(separator: " ") {
                guard let equals = field.firstIndex(of: "=") else { continue }
                fields[field[..<equals]] = field[field.index(after: equals)...]
            }
            guard let command = fields["cmd"], waits.contains(command), fields["flags"]?.contains("b") == true,
                fields["db"] == "\(database)", let id = fields["id"].flatMap({ Int64($0) }), !own.contains(id)
            else { return nil }
            let theirs = String(fields["name"] ?? "")
            guard !theirs.hasPrefix("ctid-") || theirs == name else { return nil }
            return OtherClient(address: String(fields["addr"] ?? "?"), name: theirs)
        }
    }
}

/// Tells when others begin or cease to wait in our database.
struct OtherClientsWatch: Sendable {
    /// The newest of ours; older ones have long gone from the server's list.
    private var own: [Int64] = []
    private var seen: Set<OtherClient> = []
    private var lookedAt: ContinuousClock.Instant?

    mutating func note(own id: Int64) { own = own.suffix(7) + [id] }

    /// Whether it is time to look again; counts from the last time that this was so.
    mutating func isDue(at now: ContinuousClock.Instant, every interval: Duration) -> Bool {
        guard let last = lookedAt else {
            // The greeting has looked just before the first round.
            lookedAt = now
            return false
        }
        guard last.duration(to: now) >= interval else { return false }
        lookedAt = now
        return true
    }

    /// Those who wait, where that has changed.
    mutating func look(at list: String, database: Int, name: String?) -> [OtherClient]? {
        let waiting = OtherClient.waiting(in: list, database: database, own: own, name: name)
        defer { seen = Set(waiting) }
        return Set(waiting) == seen ? nil : waiting
    }
}
