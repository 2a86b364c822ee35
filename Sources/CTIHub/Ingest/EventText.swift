import CTICore
import HTTPTypes

/// A posted body that tells of a call: what it is written in, and what it says. It is no larger than may be, which
/// whoever took it in has seen to.
struct EventText {
    /// How the sender wrote it, where it said so.
    enum Notation: Equatable {
        case unknown
        case dialect(Dialect)
        /// An INVITE as it went over the wire.
        case sip
    }

    var bytes: [UInt8]
    var notation: Notation

    func read() throws(DecodeFailure) -> (account: CallAccount, dialect: Dialect) {
        switch notation {
        case .sip: return (try SIPInvite(message: bytes).account(), .teleforge)
        case .dialect(let dialect): return (try dialect.decode(bytes, limit: .max), dialect)
        case .unknown:
            // Relaxed, since the vendor whose documentation prints it so may be the sender. Whoever is recognised then
            // is read by its own rules.
            let dialect = Dialect.recognised(in: try JSONObject(bytes, relaxed: true))
            return (try dialect.decode(bytes, limit: .max), dialect)
        }
    }
}
