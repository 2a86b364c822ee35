/// Why a connection, or a command on it, failed. Its text carries no password and nothing of a payload.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// No address, refused, reset, or closed by the server.
        case unreachable
        /// Nothing heard within the time that was allowed.
        case timeout
        /// No TLS with the server, or not with this one, until somebody mends a setting, a file, or a certificate.
        case tls
        /// The server speaks something else.
        case protocolViolation = "protocol"
        /// A reply of more bytes than are taken.
        case tooLarge = "too-large"
        /// The server is reading its data from disk.
        case loading
        /// A replica, or a primary that has just become one.
        case readOnly = "read-only"
        /// The key lives on another node of a cluster.
        case moved
        /// No node of the cluster serves the key.
        case clusterDown = "cluster-down"
        case noAuth = "no-auth"
        case wrongPassword = "wrong-password"
        case noPermission = "no-permission"
        /// The key holds something other than a list.
        case wrongType = "wrong-type"
        case unknownCommand = "unknown-command"
        /// Nothing may be changed, taking an element off a list included: a full disk, no memory, too few replicas.
        case refusesWrites = "refuses-writes"
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
        code = firstWord == "ERR" ? Self.plainCode(text) : Self.code(firstWord)
        message = Self.withoutArguments(text)
    }

    private static func code(_ firstWord: String) -> Code {
        switch firstWord {
        case "LOADING": .loading
        // A blocked wait is ended with UNBLOCKED when the server becomes a replica.
        case "READONLY", "MASTERDOWN", "UNBLOCKED": .readOnly
        case "MOVED", "ASK": .moved
        case "CLUSTERDOWN": .clusterDown
        case "NOAUTH": .noAuth
        case "WRONGPASS": .wrongPassword
        case "NOPERM": .noPermission
        case "WRONGTYPE": .wrongType
        case "MISCONF", "OOM", "NOREPLICAS": .refusesWrites
        default: .server
        }
    }

    /// `ERR` is the first word of many: older servers say so of passwords, and of what went wrong within a script.
    private static func plainCode(_ text: String) -> Code {
        if text.contains("unknown command") { return .unknownCommand }
        if text.contains("invalid password") || text.contains("AUTH") || text.contains("'auth'") {
            return .wrongPassword
        }
        guard text.contains("script") else { return .server }
        if text.contains("can't run this command") || text.contains("ACL failure") { return .noPermission }
        let inner = ["WRONGTYPE", "READONLY", "MISCONF", "OOM"].first { text.contains($0 + " ") }
        return inner.map { code($0) } ?? .server
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
