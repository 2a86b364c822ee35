import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// A connection of the hub's port over TLS. What comes out of it decides as ever what it is: see ``HubChannel``.
struct SecureChannel: ServerChildChannel {
    let plain: HubChannel
    let certificate: ServerCertificate

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HubChannel.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
        }.flatMap { plain.setup(channel: channel, logger: logger) }
    }

    func handle(value: HubChannel.Value, logger: Logger) async { await plain.handle(value: value, logger: logger) }
}
