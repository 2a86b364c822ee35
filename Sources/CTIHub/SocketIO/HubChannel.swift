import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SocketIO

/// A connection of the hub's port: Hummingbird's HTTP/1.1, unless its first request is to be a WebSocket of Socket.IO.
///
/// Its first bytes decide, before there is any HTTP in the pipeline: so a connection of HTTP is exactly Hummingbird's,
/// and a WebSocket costs neither its tasks nor its buffers. One that is asked for later on a connection, which few clients
/// do, costs both; see ``SocketRoutes``.
struct HubChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// `nil` for a WebSocket, and where the connection ended before it said what it wants.
        let http: EventLoopFuture<HTTP1Channel.Value?>
    }

    let http: HTTP1Channel
    let upgrade: WebSocketUpgrade
    let idleTimeout: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let decided = channel.eventLoop.makePromise(of: HTTP1Channel.Value?.self)
            let handler = FirstRequestHandler(idleTimeout: idleTimeout) { request in
                guard request == .webSocket else {
                    return http.setup(channel: channel, logger: logger).map { $0 }.cascade(to: decided)
                }
                decided.succeed(nil)
                try upgrade.configure(channel)
            } giveUp: {
                decided.succeed(nil)
            }
            try channel.pipeline.syncOperations.addHandler(handler)
            return Value(channel: channel, http: decided.futureResult)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let decided = await withTaskCancellationHandler {
            try? await value.http.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
        if let decided { await http.handle(value: decided, logger: logger) }
    }
}
