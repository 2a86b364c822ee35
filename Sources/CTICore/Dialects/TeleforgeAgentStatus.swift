/// What an agent does, as Teleforge publishes it on the agent's channel: `{"type":"status","payload":{…}}`.
///
/// No event of a call. The campaigns' own `status` messages have other words, and are none of these.
public struct TeleforgeAgentStatus: Hashable, Sendable {
    public enum Status: String, Sendable, CaseIterable {
        case loggingIn = "logging_in"
        case available, busy, wrapup
        case loggingOut = "logging_out"
        case offline
    }

    public var status: Status
    /// The campaign that the agent works for.
    public var campaignRef: String?
    public var `extension`: Extension

    public init(status: Status, campaignRef: String? = nil, extension: Extension) {
        self.status = status
        self.campaignRef = campaignRef
        self.extension = `extension`
    }

    /// - Throws: `unknown-type` for all that is no `status`, `missing-field` and `wrong-type` for its members.
    public init(_ object: JSONObject) throws(DecodeFailure) {
        guard try TeleforgeCodec.type(of: object) == "status" else {
            throw DecodeFailure(.unknownType, "type: expected \"status\"")
        }
        let payload = try TeleforgePayload(of: object)
        let words = Status.allCases.map(\.rawValue).joined(separator: ", ")
        guard let word = payload[.status] else { throw payload.missing(.status, "one of \(words)") }
        guard let status = word.string.flatMap(Status.init(rawValue:)) else {
            throw payload.wrong(.status, "one of \(words)")
        }
        self.status = status
        campaignRef = try payload.filledText(.campaignRef)
        self.extension = Extension(try payload.requiredText(.ref, "an extension, not empty"))
    }
}
