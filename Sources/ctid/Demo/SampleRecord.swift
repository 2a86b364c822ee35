import CTICore
import CTIPipeline
import Hiredis

/// A call detail record as the PBX writes it when a call is over, in either generation.
struct SampleRecord {
    var generation: PayloadGeneration = .v3
    /// Empty where nobody was reached.
    var agent: String
    var number: String
    var dialNumber: String?
    var callRef: String
    var contactRef: String = ""
    /// The vendor's word.
    var reason: String
    var callTime: Int
    var holdTime: Int
    /// When it began.
    var dialedAt: Timestamp

    /// The vendor's words for why a call ended: those from v2.3.0 on, and those before.
    static let reasons = [
        "hungup", "callee_hungup", "agent_hungup", "voicemail", "busy", "reject", "timeout", "error", "failed",
        "ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL", "DONTCALL", "TORTURE", "INVALIDARGS",
    ]

    var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("type", "cdr")
            $0.member("payload", object: writePayload)
        }
        return json.bytes
    }

    /// `number` came with v3; before, `ref` is the client's number.
    private func writePayload(_ json: inout JSONWriter) {
        json.member("extension", agent)
        if generation != .preV3 { json.member("number", number) }
        if let dialNumber { json.member("dial_number", dialNumber) }
        json.member("call_ref", callRef)
        json.member("contact_ref", contactRef)
        json.member("dialed_at", dialedAt.milliseconds / 1000)
        json.member("end_reason", reason)
        json.member("end_code", 16)
        json.member("call_time", Int64(callTime))
        json.member("hold_time", Int64(holdTime))
        json.member("call_dir", "inbound")
        json.member("recording_url", "")
        json.member("ref", generation == .preV3 ? number : "click-dial")
    }
}

extension SampleRecord {
    /// The record of a call that was announced so. Before v3 a record without a number has nothing in its place.
    init(
        of call: SampleNotification, reason: String, callTime: Int, endedAt: Timestamp
    ) {
        self.init(
            generation: call.number.isEmpty ? .v3 : call.generation, agent: call.agent, number: call.number,
            dialNumber: call.dialNumber,
            callRef: call.callRef, contactRef: call.contactRef, reason: reason, callTime: callTime,
            holdTime: call.holdTime, dialedAt: endedAt.adding(.seconds(-(callTime + call.holdTime))))
    }
}
