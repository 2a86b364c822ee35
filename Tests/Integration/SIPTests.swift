import Foundation
import Testing

private let sipp = "/usr/bin/sipp"

/// An INVITE as SIPp sends it, handed to the daemon by whoever took it.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: sipp),
        "SKIPPED: SIPp is not installed here (Debian's sip-tester)"))
struct SIPTests {
    private static let rules = """
          - name: Ringing
            on: [ringing]
            do: [ open: { url: "https://crm.example/{callRef}?n={callerE164}" } ]
        """

    /// The bytes of the INVITE that SIPp sent over UDP.
    private func inviteFromSIPp() async throws -> [UInt8] {
        let telephone = try BusyTelephone()
        let scenario = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/inbound-invite.xml").path
        let arguments = [
            "-sf", scenario, "-m", "1", "-i", "127.0.0.1", "-nostdin", "-timeout", "20", "-timeout_error",
            "127.0.0.1:\(telephone.port)",
        ]
        let outcome = try await Child(sipp, arguments).ended()
        #expect(outcome.status == 0, "SIPp's scenario failed:\n\(outcome.errors)")
        return try #require(telephone.invite)
    }

    @Test("an INVITE on the wire is a ringing, and pops by a rule for it")
    func invite() async throws {
        let invite = try await inviteFromSIPp()
        try await Acme.run(rules: Self.rules, more: "") { _, daemon in
            let stream = try await daemon.stream(agent: "1007")
            defer { stream.close() }
            let token = try await daemon.token("acme", scope: "ingest")
            for _ in 1...2 {
                let answer = try await daemon.post("/v1/acme/events", invite, type: "message/sip", token: token)
                #expect(answer.status == 202, "\(answer.body)")
                #expect(answer.body == #"{"callRef":"sipp-1","event":"ringing","extension":"1007"}"#)
            }
            let pop = try await stream.event("pop", ref: "sipp-1")
            #expect(pop["call.caller"] == "0821234567")
            #expect(pop["call.dialed"] == "0117654321")
            #expect(pop["call.contactRef"] == "A-17")
            #expect(pop.data.contains("https://crm.example/sipp-1?n=%2B27821234567"))
        }
    }
}
