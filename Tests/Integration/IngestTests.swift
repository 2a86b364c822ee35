import Foundation
import Testing

/// Events that a PBX posts, by the built daemon.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct IngestTests {
    /// The same call in each dialect, as its vendor writes it.
    static let calls: [(name: String, body: String)] = [
        (
            "ctid",
            #"{"event":"up","agent":{"extension":"1007"},"call":{"ref":"c1","caller":"0821234567","dialed":"0117654321"}}"#
        ),
        ("teleforge", Acme.call("c1")), ("teleforge", Acme.relaxedCall("c1")),
        (
            "xcally",
            #"{"event":"up","queue":"Sales","agentname":"John Doe","agentnum":"1007","peer":"SIP/john.doe","#
                + #""direction":"inbound","uniqueid":"c1","context":"from-sip","extension":"0117654321","#
                + #""callernum":"0821234567","holdtime":"2","ringtime":"0","up":true}"#
        ),
        (
            "kunzite",
            #"{"type":"phone:accepted","data":{"context":{"status":"online","extension":"1007"},"id":"c1","#
                + #""date":"NOW","from":"0821234567","to":"0117654321","direction":"inbound","#
                + #""status":"answered","duration":0,"wait":0,"total":0}}"#
        ),
    ]

    @Test("a call of any dialect pops, said or recognised, and a repeat of it does not", arguments: calls.indices)
    func pops(index: Int) async throws {
        try await Acme.run { _, daemon in
            // One that happened long ago takes no screen.
            let now = Date().ISO8601Format(.init(includingFractionalSeconds: true))
            let name = Self.calls[index].name
            let body = Self.calls[index].body.replacingOccurrences(of: "NOW", with: now)
            let stream = try await daemon.stream(agent: "1007")
            defer { stream.close() }
            let token = try await daemon.token("acme", scope: "ingest")
            for query in ["", "?dialect=\(name)", ""] {
                let answer = try await daemon.post("/v1/acme/events\(query)", body, token: token)
                #expect(answer.status == 202, "\(answer.body)")
                #expect(answer.body == #"{"callRef":"c1","event":"up","extension":"1007"}"#)
            }
            let pop = try await stream.event("pop", ref: "c1")
            #expect(pop["call.caller"] == "0821234567")
            let second = body.replacingOccurrences(of: "c1", with: "c2")
            #expect(try await daemon.post("/v1/acme/events", second, token: token).status == 202)
            try await stream.event("pop", ref: "c2")
            #expect(stream.names.filter { $0 == "pop" }.count == 2)
        }
    }

    @Test("headers of an INVITE, as a browser's SIP library gives them, are a ringing")
    func headers() async throws {
        try await Acme.run { _, daemon in
            let stream = try await daemon.stream(agent: "1007")
            defer { stream.close() }
            let token = try await daemon.token("acme", scope: "ingest")
            let body =
                #"{"X-Platforma-Call-Ref":"c1","X-Platforma-Number":"0821234567","X-Platforma-Ref":"1007","#
                + #""X-Platforma-Dial-Number":"0117654321"}"#
            for query in ["", "?dialect=teleforge"] {
                let answer = try await daemon.post("/v1/acme/events\(query)", body, token: token)
                #expect(answer.body == #"{"callRef":"c1","event":"ringing","extension":"1007"}"#)
            }
            #expect(try await stream.event("call", ref: "c1")["event"] == "ringing")
        }
    }

    @Test("what is understood but wrong is told by its code")
    func wrong() async throws {
        try await Acme.run { _, daemon in
            let token = try await daemon.token("acme", scope: "ingest")
            let missing = try await daemon.post("/v1/acme/events", #"{"event":"up","call":{"ref":"c1"}}"#, token: token)
            #expect(missing.status == 422)
            #expect(missing.body.contains(#""code":"missing-field""#))
            let broken = try await daemon.post("/v1/acme/events", #"{"event":"#, token: token)
            #expect(broken.status == 400)
        }
    }
}
