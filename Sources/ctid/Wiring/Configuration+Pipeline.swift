import CTICore
import CTIPipeline
import CTIStore
import Hiredis
import Logging

extension RedisListSettings {
    /// The inbound list of a tenant's file.
    init(_ redis: RedisSettings) {
        let address: Hiredis.RedisEndpoint.Address =
            switch redis.server.endpoint {
            case .tcp(let host, let port): .tcp(host: host, port: port)
            case .unix(let path): .unix(path: path)
            }
        self.init(
            endpoint: Hiredis.RedisEndpoint(
                address: address, database: redis.server.database, username: redis.server.username,
                password: redis.server.password?.text),
            key: redis.keys.inbound,
            delivery: redis.delivery == .atLeastOnce ? .atLeastOnce : .atMostOnce,
            popSide: redis.popSide == .left ? .left : .right)
    }
}

extension LogDurability {
    init(_ durability: DaemonConfiguration.Durability) { self = durability == .power ? .power : .process }
}

extension Logger.Level {
    init(_ level: DaemonConfiguration.Log.Level) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}
