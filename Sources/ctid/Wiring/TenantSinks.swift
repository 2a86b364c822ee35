import CTICore
import CTIPipeline
import CTISinks
import Hiredis
import Logging

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

    private static func socketIO(_ tenant: TenantConfiguration, _ logger: Logger) -> [any Sink] { [] }

    private static func redis(
        _ tenant: TenantConfiguration, _ loop: RedisEventLoop, _ logger: Logger
    ) -> [any Sink] { [] }
}
