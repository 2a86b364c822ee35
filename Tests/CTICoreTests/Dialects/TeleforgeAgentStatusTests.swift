import CTICore
import Testing

@Suite struct TeleforgeAgentStatusTests {
    private func status(_ text: String) throws(DecodeFailure) -> TeleforgeAgentStatus {
        try TeleforgeAgentStatus(JSONObject(Array(text.utf8), relaxed: true))
    }

    @Test(arguments: [
        ("logging_in", TeleforgeAgentStatus.Status.loggingIn), ("available", .available), ("busy", .busy),
        ("wrapup", .wrapup), ("logging_out", .loggingOut), ("offline", .offline),
    ])
    func `every word of the vendor`(_ word: String, status: TeleforgeAgentStatus.Status) throws {
        let read = try self.status(
            #"{"type":"status","payload":{"status":"\#(word)","campaign_ref":"spring","ref":"1007"}}"#)
        #expect(read == TeleforgeAgentStatus(status: status, campaignRef: "spring", extension: Extension("1007")))
    }

    @Test func `the campaign may be missing, the extension a number`() throws {
        let read = try status(#"{type:"status" payload:{status:"busy",campaign_ref:"",ref:1007}}"#)
        #expect(read == TeleforgeAgentStatus(status: .busy, extension: Extension("1007")))
    }

    @Test(arguments: [
        (#"{"type":"call","payload":{}}"#, "unknown-type"), (#"{"payload":{}}"#, "missing-field"),
        (#"{"type":"status"}"#, "missing-field"), (#"{"type":"status","payload":{"ref":"1"}}"#, "missing-field"),
        (#"{"type":"status","payload":{"status":"busy"}}"#, "missing-field"),
        (#"{"type":"status","payload":{"status":"busy","ref":""}}"#, "missing-field"),
        (#"{"type":"status","payload":{"status":"started","ref":"1"}}"#, "wrong-type"),
        (#"{"type":"status","payload":{"status":1,"ref":"1"}}"#, "wrong-type"),
    ])
    func `what is no agent's status is refused`(_ text: String, code: String) {
        #expect(failure { try status(text) }?.code.rawValue == code)
    }

    @Test func `nothing that was changed in a status traps`() {
        let sample = Array(#"{"type":"status","payload":{"status":"busy","campaign_ref":"spring","ref":"1007"}}"#.utf8)
        var read = 0
        for seed in 0..<2000 as Range<UInt64> {
            let bytes = SampleMutation.mutated(sample, seed: seed)
            guard let status = try? TeleforgeAgentStatus(JSONObject(bytes, relaxed: true)) else { continue }
            #expect(!status.extension.rawValue.isEmpty)
            read += 1
        }
        #expect(read > 0)
    }
}
