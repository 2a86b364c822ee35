import NIOCore
import NIOPosix
import SocketIO

/// A ``SocketServer`` on a port of its own: WebSockets alone, as there is no HTTP here.
struct RunningServer: Sendable {
    let server: SocketServer
    let handler: EchoHandler
    let port: Int

    static func run(
        _ settings: SocketServerSettings = SocketServerSettings(), _ test: (RunningServer) async throws -> Void
    ) async throws {
        let handler = EchoHandler()
        let server = SocketServer(settings: settings, handler: handler)
        let upgrade = WebSocketUpgrade(server)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let first = FirstRequestHandler(idleTimeout: .seconds(10)) { _ in
                        try upgrade.configure(channel)
                    } giveUp: {
                    }
                    try channel.pipeline.syncOperations.addHandler(first)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let running = RunningServer(server: server, handler: handler, port: listener.localAddress?.port ?? 0)
        async let work: Void = server.run()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await test(running)) } catch { outcome = .failure(error) }
        server.stop()
        await work
        try await listener.close()
        try outcome.get()
    }

    func client(_ query: String = "EIO=4&transport=websocket", head: String = "", isDeaf: Bool = false) async throws
        -> RawClient
    {
        try await RawClient(port: port, query: query, head: head, isDeaf: isDeaf)
    }

    /// One that is in the namespace `/`.
    func joined(isDeaf: Bool = false) async throws -> RawClient {
        let client = try await client()
        try await client.expect("0{")
        client.send("40")
        try await client.expect(#"42["welcome"]"#)
        if isDeaf { try await client.stopReading() }
        return client
    }
}
