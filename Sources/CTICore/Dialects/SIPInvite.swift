/// What a SIP INVITE tells of a call: the request line's address and the headers, of which the first of a name counts.
///
/// The telephone of an agent in a browser is called so; the PBX adds `X-Platforma-…` headers, or from v4.0.0
/// `X-Teleforge-…`, with what it also sends to its Redis list. Source: Teleforge's "WebRTC Invite".
public struct SIPInvite: Hashable, Sendable {
    /// A message, in bytes.
    public static let limit = 65_536

    /// `nil` where only headers are known.
    let requestURI: String?
    /// By lower-case names, compact ones spelled out.
    private let headers: [String: String]

    init(requestURI: String?, headers: [(name: String, value: String)]) {
        self.requestURI = requestURI
        self.headers = Dictionary(
            headers.map { (Self.fullName($0.name), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// Case does not matter.
    subscript(name: String) -> String? { headers[name.lowercased()] }

    private static func fullName(_ name: String) -> String {
        let name = name.lowercased()
        return compactNames[name] ?? name
    }

    /// RFC 3261, 7.3.3 and 20.
    private static let compactNames: [String: String] = [
        "c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported",
        "l": "content-length", "m": "contact", "s": "subject", "t": "to", "v": "via",
    ]
}
