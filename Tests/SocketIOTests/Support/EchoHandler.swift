import SocketIO
import Synchronization

/// Lets everybody in but those who say `{"refuse":true}`, and answers events with their arguments.
final class EchoHandler: SocketServerHandler {
    private let state = Mutex((sockets: [ServerSocket](), closed: 0, acknowledged: [String]()))

    var sockets: [ServerSocket] { state.withLock { $0.sockets } }
    var closed: Int { state.withLock { $0.closed } }
    var acknowledged: [String] { state.withLock { $0.acknowledged } }

    func connect(_ socket: ServerSocket, auth: [UInt8]?) async -> SocketAnswer {
        guard auth != Array(#"{"refuse":true}"#.utf8) else { return .refused(message: "Refused", data: nil) }
        // What is emitted before the client is let in must come after it was told so.
        socket.emit(Emission("welcome", []))
        state.withLock { $0.sockets.append(socket) }
        return .accepted(recovery: nil)
    }

    func received(_ event: SocketEvent, from socket: ServerSocket) async -> [[UInt8]] {
        if event.name == "leave" { socket.disconnect() }
        if event.name == "end" { socket.finish() }
        return event.arguments
    }

    func acknowledged(_ tag: String, _ arguments: [[UInt8]]?, by socket: ServerSocket) async {
        let text = arguments.map { String(decoding: JSONText.array($0), as: UTF8.self) } ?? "nothing"
        state.withLock { $0.acknowledged.append("\(tag) \(text)") }
    }

    func closed(_ socket: ServerSocket) async { state.withLock { $0.closed += 1 } }
    func tick(_ socket: ServerSocket) {}
}
