/// What a program does with its sockets. Each socket's calls come one after the other, and `closed` last of all.
public protocol SocketServerHandler: Sendable {
    /// A client wants to join a namespace. What is emitted to it meanwhile is sent right after it was accepted.
    ///
    /// - Parameter auth: a JSON object, as the client sent it.
    func connect(_ socket: ServerSocket, auth: [UInt8]?) async -> SocketAnswer

    /// - Returns: arguments of the acknowledgement, JSON each, where the client asked for one.
    func received(_ event: SocketEvent, from socket: ServerSocket) async -> [[UInt8]]

    /// An event that was emitted under this tag was acknowledged; `nil`: not in time.
    func acknowledged(_ tag: String, _ arguments: [[UInt8]]?, by socket: ServerSocket) async

    /// Of a socket that was accepted, even if its client was gone by then.
    func closed(_ socket: ServerSocket) async

    /// About every second, on the socket's event loop: to be done with at once.
    func tick(_ socket: ServerSocket)
}
