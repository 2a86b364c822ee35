/// The members of Teleforge's payloads that its documentation names.
enum TeleforgeField: String {
    case agent
    case callDir = "call_dir"
    case callRef = "call_ref"
    case callTime = "call_time"
    case campaignRef = "campaign_ref"
    case contactRef = "contact_ref"
    case dialNumber = "dial_number"
    /// Unix seconds.
    case dialedAt = "dialed_at"
    /// The ISDN cause (Q.850).
    case endCode = "end_code"
    case endReason = "end_reason"
    case `extension`
    case holdTime = "hold_time"
    case number
    case recordingURL = "recording_url"
    /// The agent's extension in a `call`; in a `cdr` "click-dial" or the campaign, and before v3 the client's number.
    case ref
    case status

    /// Of `call`, in the vendor's order.
    static let ofCall: [TeleforgeField] = [
        .number, .dialNumber, .holdTime, .callRef, .contactRef, .callDir, .campaignRef, .ref,
    ]
    /// Of `call` as the dialler sends it on an agent's channel; the last two are not documented there.
    static let ofDiallerCall: [TeleforgeField] = [
        .callRef, .agent, .contactRef, .number, .ref, .dialNumber, .holdTime,
    ]
    /// Of `cdr`.
    static let ofRecord: [TeleforgeField] = [
        .extension, .number, .dialNumber, .callRef, .contactRef, .dialedAt, .endReason, .endCode, .callTime, .holdTime,
        .callDir, .recordingURL, .ref,
    ]
}
