import CTICore
import CTIPipeline
import Hiredis

/// A notification as the PBX writes it, in either generation.
struct SampleNotification {
    var generation: PayloadGeneration = .v3
    var number: String
    var dialNumber: String?
    var holdTime: Int
    var callRef: String
    var contactRef: String = ""
    var agent: String

    var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("type", "call")
            $0.member("payload", object: writePayload)
        }
        return json.bytes
    }

    private func writePayload(_ json: inout JSONWriter) {
        json.member("number", number)
        if let dialNumber { json.member("dial_number", dialNumber) }
        json.member("hold_time", Int64(holdTime))
        json.member("call_ref", callRef)
        json.member("contact_ref", contactRef)
        json.member(generation == .preV3 ? "campaign_ref" : "call_dir", "inbound")
        json.member("ref", agent)
    }

    func push(to settings: RedisListSettings) -> RedisCommand { settings.push([json]) }
}
