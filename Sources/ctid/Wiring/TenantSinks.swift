import CTICore
import CTIPipeline
import CTISinks
import Hiredis
import Logging
import SocketIO

/// A tenant's sinks, as its file names them.
struct TenantSinks: Sendable {
    /// All that makes a sink what it is: two that are equal need not be exchanged.
    struct Settings: Hashable, Sendable {
        enum Kind: Hashable, Sendable {
            case webhook(TenantConfiguration.Webhook)
            case socketIO(TenantConfiguration.SocketIO)
            case redis(TenantConfiguration.RedisChannel)
        }

        let kind: Kind
        let region: String
        /// What Redis sinks tell of an agent.
        let agents: [Extension: Agent]
    }

    let tenant: TenantConfiguration
    let loop: RedisEventLoop
    let logger: Logger

    /// In the order of the file.
    var settings: [Settings] {
        let (sinks, profile) = (tenant.sinks, tenant.profile)
        let others = sinks.webhooks.map { Settings.Kind.webhook($0) } + sinks.socketIO.map { .socketIO($0) }
        return others.map { Settings(kind: $0, region: profile.region, agents: [:]) }
            + sinks.redis.map { Settings(kind: .redis($0), region: profile.region, agents: profile.agents) }
    }

    /// `nil` for what reading the file has refused already: no daemon runs with such a sink.
    func sink(_ settings: Settings) -> (any Sink)? {
        switch settings.kind {
        case .webhook(let webhook): self.webhook(webhook)
        case .socketIO(let server): server.client.map { SocketIOSink($0, ttl: server.ttl, logger: logger) }
        case .redis(let redis): self.redis(redis, settings)
        }
    }

    private func webhook(_ webhook: TenantConfiguration.Webhook) -> WebhookSink? {
        do throws(StartFailure) {
            return try WebhookSink(webhook, of: tenant)
        } catch {
            logger.error("\(error)")
            return nil
        }
    }

    private func redis(_ redis: TenantConfiguration.RedisChannel, _ settings: Settings) -> RedisSink {
        let agents = settings.agents
        return RedisSink(
            RedisSinkSettings(
                endpoint: Hiredis.RedisEndpoint(redis.server), target: redis.target, dialect: redis.dialect,
                events: redis.events, ttl: redis.ttl, region: settings.region, crmUser: { agents[$0]?.crmUser }),
            label: redis.label, tenant: tenant.id, loop: loop)
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
