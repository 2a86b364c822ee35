import CTICore
import Foundation
import SocketIO

/// What a client asks for when it joins a namespace: `auth` of its Socket.IO client.
struct SocketOptions: Decodable {
    var token: String?
    var dialect: String?
    /// Where it left off; a position of the log.
    var lastEventID: String?
    /// Each event comes with its position, by which socket.io's own clients recover.
    var recover = false
    /// What such a client sends when it comes back.
    var recoveryID: String?
    var offset: String?

    private enum Keys: String, CodingKey { case token, dialect, lastEventId, recover, pid, offset }

    /// What is of another type than it should be counts as not there: what is needed is missed later, by name.
    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Keys.self)
        func text(_ key: Keys) -> String? {
            (try? members.decode(String.self, forKey: key)).flatMap { $0.isEmpty ? nil : $0 }
        }
        (token, dialect) = (text(.token), text(.dialect))
        (recoveryID, offset) = (text(.pid), text(.offset))
        lastEventID = text(.lastEventId) ?? (try? members.decode(Int64.self, forKey: .lastEventId)).map(String.init)
        recover = (try? members.decode(Bool.self, forKey: .recover)) ?? false
    }

    private init() {}

    init(auth: [UInt8]?) {
        self = auth.flatMap { try? JSONDecoder().decode(Self.self, from: Data($0)) } ?? SocketOptions()
    }

    /// The token of `auth`, else of the query, else of the header.
    func token(_ handshake: SocketHandshake) -> String? {
        if let token { return token }
        if let token = EngineRequest.value(of: "access_token", in: handshake.query) { return token }
        let parts = handshake.authorization?.split(separator: " ", maxSplits: 1) ?? []
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }
}
