/// Why there is no connection, or why what was emitted is not confirmed. It carries no token and nothing of what was
/// sent.
public struct ClientTrouble: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// Nobody there, or the connection broke off.
        case unreachable
        /// The server does not want us.
        case refused
        /// No answer in time: nobody knows whether what was emitted has arrived.
        case unanswered
        /// What it sent is not Socket.IO.
        case garbled
        /// More than the server says it takes.
        case tooLarge
        /// More under way than we keep in mind.
        case busy
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static let stopped = ClientTrouble(.unreachable, "the connection was closed by ourselves")
}
