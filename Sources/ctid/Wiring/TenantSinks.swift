import CTICore
import CTIPipeline
import CTISinks
import Hiredis
import Logging
import SocketIO

/// A tenant's sinks, as its file names them.
struct TenantSinks: Sendable {
    let sinks: [any Sink]

    init(_ tenant: TenantConfiguration, loop: RedisEventLoop, logger: Logger) {
        sinks = Self.webhooks(tenant, logger) + Self.socketIO(tenant, logger) + Self.redis(tenant, loop, logger)
    }

    private static func webhooks(_ tenant: TenantConfiguration, _ logger: Logger) -> [any Sink] {
        tenant.sinks.webhooks.compactMap { webhook in
            do throws(StartFailure) {
                return try WebhookSink(webhook, of: tenant)
            } catch {
                // Reading the file found it already: no daemon runs with such a webhook.
                logger.error("tenant \(tenant.id): \(error)")
                return nil
            }
        }
    }

    private static func socketIO(_ tenant: TenantConfiguration, _ logger: Logger) -> [any Sink] {
        tenant.sinks.socketIO.compactMap { server in
            server.client.map { SocketIOSink($0, ttl: server.ttl, logger: logger) }
        }
    }

    private static func redis(
        _ tenant: TenantConfiguration, _ loop: RedisEventLoop, _ logger: Logger
    ) -> [any Sink] {
        let agents = tenant.profile.agents
        return tenant.sinks.redis.map { redis in
            let settings = RedisSinkSettings(
                endpoint: Hiredis.RedisEndpoint(redis.server), target: redis.target, dialect: redis.dialect,
                events: redis.events, ttl: redis.ttl, region: tenant.profile.region,
                crmUser: { agents[$0]?.crmUser })
            return RedisSink(settings, label: redis.label, tenant: tenant.id, loop: loop)
        }
    }
}

extension TenantConfiguration.RedisChannel {
    /// Where it goes, without user and password: `127.0.0.1:6379/1 PUBLISH ctid:{tenant}:{event}`.
    var label: String {
        let command =
            switch target {
            case .channel: "PUBLISH"
            case .stream: "XADD"
            }
        return "\(Hiredis.RedisEndpoint(server)) \(command) \(targetText)"
    }
}
