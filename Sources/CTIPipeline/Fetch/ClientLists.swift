import Hiredis
import Synchronization

/// Who waits on the lists of each server: asked by one source, now and then, and known to all that read there.
///
/// A server's list of clients is as long as it has clients. With hundreds of tenants on one server each asking for itself
/// they would do little else. Safe from any thread.
public final class ClientLists: Sendable {
    private struct Server {
        var askedAt: ContinuousClock.Instant
        var isRefused = false
        /// 0 before the first answer.
        var number = 0
        var waiting: [WaitingClient] = []
    }

    /// The answer's number tells whether it is news.
    struct Answer {
        let number: Int
        let waiting: [WaitingClient]
    }

    /// What may be asked depends on the user; the password is nobody's business here.
    private struct Place: Hashable {
        let address: RedisEndpoint.Address
        let database: Int
        let username: String?

        init(_ endpoint: RedisEndpoint) {
            (address, database, username) = (endpoint.address, endpoint.database, endpoint.username)
        }
    }

    private let servers = Mutex<[Place: Server]>([:])
    private static let interval = Duration.seconds(60)
    /// Who may not ask may be allowed to one day.
    private static let intervalOfRefused = Duration.seconds(3600)

    public init() {}

    /// Whether the caller is to ask now; then nobody else is for a while.
    func mayAsk(_ endpoint: RedisEndpoint, at now: ContinuousClock.Instant) -> Bool {
        servers.withLock { servers in
            guard var server = servers[Place(endpoint)] else {
                servers[Place(endpoint)] = Server(askedAt: now)
                return true
            }
            let interval = server.isRefused ? Self.intervalOfRefused : Self.interval
            guard server.askedAt.duration(to: now) >= interval else { return false }
            server.askedAt = now
            servers[Place(endpoint)] = server
            return true
        }
    }

    /// - Parameter list: what `CLIENT LIST` told; `nil` where it is not permitted.
    func tell(_ list: String?, of endpoint: RedisEndpoint) {
        let waiting = list.map { WaitingClient.all(in: $0) }
        servers.withLock { servers in
            guard var server = servers[Place(endpoint)] else { return }
            server.isRefused = waiting == nil
            server.number += 1
            server.waiting = waiting ?? []
            servers[Place(endpoint)] = server
        }
    }

    /// Of the newest answer; 0 where there is none.
    func number(of endpoint: RedisEndpoint) -> Int { servers.withLock { $0[Place(endpoint)]?.number ?? 0 } }

    /// - Returns: `nil` where there is none newer than the one of this number.
    func answer(of endpoint: RedisEndpoint, after number: Int) -> Answer? {
        servers.withLock { servers in
            guard let server = servers[Place(endpoint)], server.number > number else { return nil }
            return Answer(number: server.number, waiting: server.waiting)
        }
    }
}

/// A client that waits on some list of a server, as `CLIENT LIST` has it.
struct WaitingClient: Sendable, Hashable {
    var id: Int64 = 0
    var database = 0
    var address = "?"
    var name = ""

    private static let waits: Set<Substring> = ["blpop", "brpop", "blmove", "brpoplpush", "blmpop"]

    static func all(in list: String) -> [WaitingClient] {
        list.split(whereSeparator: \.isNewline).compactMap { line in
            var client = WaitingClient()
            var (isBlocked, isOnList) = (false, false)
            for field in line.split(separator: " ") {
                guard let equals = field.firstIndex(of: "=") else { continue }
                let value = field[field.index(after: equals)...]
                switch field[..<equals] {
                case "id": client.id = Int64(value) ?? 0
                case "db": client.database = Int(value) ?? 0
                case "addr": client.address = String(value)
                case "name": client.name = String(value)
                case "flags": isBlocked = value.contains("b")
                case "cmd": isOnList = waits.contains(value)
                default: break
                }
            }
            return isBlocked && isOnList ? client : nil
        }
    }
}
