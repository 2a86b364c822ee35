/// Why a connection, or a command on it, failed. Its text carries no password and nothing of a payload.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// No address, refused, reset, or closed by the server.
        case unreachable
        /// Nothing heard within the time that was allowed.
        case timeout
        /// The server speaks something else, or more than is allowed.
        case protocolViolation = "protocol"
        /// The server is reading its data from disk.
        case loading
        case readOnly = "read-only"
        /// The key lives on another node of a cluster.
        case moved
        case noAuth = "no-auth"
        case wrongPassword = "wrong-password"
        case noPermission = "no-permission"
        /// The key holds something other than a list.
        case wrongType = "wrong-type"
        case unknownCommand = "unknown-command"
        /// Any other error reply.
        case server
        /// We closed it ourselves.
        case closed
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }

    /// An error reply of the server, told by its first word.
    public init(reply text: String) {
        let firstWord = text.split(separator: " ", maxSplits: 1).first.map(String.init) ?? ""
        code =
            switch firstWord {
            case "LOADING": .loading
            case "READONLY": .readOnly
            case "MOVED", "ASK", "CLUSTERDOWN": .moved
            case "NOAUTH": .noAuth
            case "WRONGPASS": .wrongPassword
            case "NOPERM": .noPermission
            case "WRONGTYPE": .wrongType
            case "ERR" where text.contains("unknown command"): .unknownCommand
            case "ERR" where text.contains("invalid password"), "ERR" where text.contains("AUTH"): .wrongPassword
            default: .server
            }
        message = Self.withoutArguments(text)
    }

    /// Redis repeats the arguments of a command that it does not know; one of them may be a payload.
    private static func withoutArguments(_ text: String) -> String {
        let cut = text.range(of: ", with args").map { String(text[..<$0]) } ?? text
        return String(cut.prefix(200))
    }
}

extension String {
    /// Where `needle` begins in the text; Foundation's search is not needed for so little.
    fileprivate func range(of needle: String) -> String.Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start }
            start = index(after: start)
        }
        return nil
    }
}
