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

    private static func webhooks(_ tenant: TenantConfiguration, _ logger: Logger) -> [any Sink] { [] }

    private static func socketIO(_ tenant: TenantConfiguration, _ logger: Logger) -> [any Sink] {
        tenant.sinks.socketIO.compactMap { server in
            server.client.map { SocketIOSink($0, ttl: server.ttl, logger: logger) }
        }
    }

    private static func redis(
        _ tenant: TenantConfiguration, _ loop: RedisEventLoop, _ logger: Logger
    ) -> [any Sink] { [] }
}
