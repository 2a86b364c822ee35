import CTICore
import Testing

struct CallFrameParsingTests {
    @Test("what is written is read back")
    func roundTrip() throws {
        let event = CallEvent(
            kind: .up, generation: .preV3, direction: .outbound, caller: "+27 82 \"1\"", dialed: "0117654321",
            holdSeconds: HoldSeconds(12), callRef: CallRef("c/1"), contactRef: "A-17", extension: Extension("1007"))
        var call = Call(event, callerE164: "+27821234567", queue: "Sales")
        call.upAt = Timestamp(milliseconds: 1_795_236_072_119)
        let contact = Contact(id: "7", name: "Ünal")
        let frame = CallFrame(
            id: PopID("p"), tenant: try #require(TenantID("acme")), event: .up, stale: true,
            agent: Agent(extension: Extension("1007"), name: "John"), call: call, contact: contact, matches: [contact],
            actions: [
                .open(url: "https://crm.example/", mode: .window, rule: "a"),
                .session(template: "t", parameters: [NamedValue(name: "n", value: "v")], rule: "b"),
            ], reason: .stale)
        var json = JSONWriter()
        frame.write(to: &json)
        #expect(CallFrame(json: json.bytes) == frame)
    }

    @Test("more seconds than can be counted leave the frame readable")
    func manySeconds() throws {
        let event = CallEvent(
            kind: .up, generation: .v3, direction: .inbound, caller: "1",
            holdSeconds: HoldSeconds(verifiedDigits: "99999999999999999999"), callRef: CallRef("c"),
            extension: Extension("1007"))
        let frame = CallFrame(
            id: PopID("p"), tenant: try #require(TenantID("acme")), event: .up,
            agent: Agent(extension: Extension("1007")), call: Call(event))
        var json = JSONWriter()
        frame.write(to: &json)
        let read = try #require(CallFrame(json: json.bytes))
        #expect(read.id == frame.id && read.call.holdSeconds == HoldSeconds(.max))
    }

    @Test("what is no frame is none", arguments: ["", "{}", "[]", #"{"id":"x"}"#])
    func refused(_ text: String) {
        #expect(CallFrame(json: Array(text.utf8)) == nil)
    }
}
