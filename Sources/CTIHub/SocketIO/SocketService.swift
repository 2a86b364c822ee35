import ServiceLifecycle
import SocketIO

/// Socket.IO's sessions as a service. It stops after the server has, which ended all sessions that were connected.
struct SocketService: Service {
    let server: SocketServer

    func run() async throws {
        await withGracefulShutdownHandler {
            await server.run()
        } onGracefulShutdown: {
            server.stop()
        }
    }
}
