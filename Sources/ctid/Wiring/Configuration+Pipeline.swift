import CTICore
import CTIPipeline
import CTIStore
import Hiredis
import Logging

extension RedisListSettings {
    /// The inbound list of a tenant's file.
    init(_ redis: RedisSettings) { self.init(redis, key: redis.keys.inbound, feed: .inbound) }

    /// The list of call records, where one is configured; it is read as the inbound list is.
    static func records(_ redis: RedisSettings) -> RedisListSettings? {
        redis.keys.cdr.map { RedisListSettings(redis, key: $0, feed: .cdr) }
    }

    private init(_ redis: RedisSettings, key: String, feed: Feed) {
        self.init(
            endpoint: Hiredis.RedisEndpoint(redis.server), key: key, feed: feed,
            delivery: redis.delivery == .atLeastOnce ? .atLeastOnce : .atMostOnce,
            popSide: redis.popSide == .left ? .left : .right)
    }
}

extension RedisChannelSettings {
    /// The agents' channels of a tenant's file, where they are configured.
    init?(_ redis: RedisSettings) {
        guard let pattern = redis.keys.agents else { return nil }
        self.init(endpoint: Hiredis.RedisEndpoint(redis.server), pattern: pattern)
    }
}

extension Hiredis.RedisEndpoint {
    init(_ server: RedisServer) {
        let address: Address =
            switch server.endpoint {
            case .tcp(let host, let port): .tcp(host: host, port: port)
            case .unix(let path): .unix(path: path)
            }
        self.init(
            address: address, database: server.database, username: server.username, password: server.password?.text,
            tls: server.tls.map { files in
                RedisTLS(
                    authorityPath: files.authorityPath, certificatePath: files.certificatePath, keyPath: files.keyPath)
            })
    }
}

extension LogDurability {
    init(_ durability: DaemonConfiguration.Durability) { self = durability == .power ? .power : .process }
}

extension Logger.Level {
    init(_ level: DaemonConfiguration.Log.Level) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}
